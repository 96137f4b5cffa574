// The cache index in a small closed world: which commands may come, and what is claimed of every run.
//
// For the model checker. A few keys, sizes, claims and moments; a clock that may go back; unlinks that fail; rows in
// `ram` and `disk` that replace each other. Numbers are used again once nothing carries them, so that runs of any
// length are covered; a claim that nobody has ever had is used as well, which stands for all old ones.
#pragma once

#include <cstdint>
#include <vector>

#include <wavetank/model/cache_index.h>
#include <wavetank/model/checker/properties.h>

namespace wavetank::model {

/// How large the world is. Keys, sizes, moments and claims are numbered from 1.
struct cache_index_bounds {
  std::uint64_t keys = 2;
  std::uint64_t sizes = 2;       ///< rows of 1 to this many bytes
  std::uint64_t moments = 2;     ///< readings of the clock
  std::uint64_t claims = 1;      ///< at a time
  std::uint64_t ram_quota = 0;   ///< bytes; 0: none
  std::uint64_t disk_quota = 3;  ///< bytes; 0: none
};

/// The commands that may come in `s`, in a fixed order.
std::vector<cache_index::command> commands_in(const cache_index::state& s, const cache_index_bounds& bounds);

/// The closed machine around `Index`: the specification, or a broken variant of it with the same types.
template <class Index>
struct cache_index_scope {
  using state = cache_index::state;
  using command = cache_index::command;
  using response = cache_index::response;

  Index index;
  cache_index_bounds bounds;

  [[nodiscard]] state initial() const { return index.initial(); }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    index.step(before, what, emit);
  }

  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s, bounds)) yield(one);
  }
};

template <class Index = cache_index>
cache_index_scope<Index> scope_of(const cache_index_bounds& bounds) {
  Index index;
  if (bounds.ram_quota != 0) index.quotas[static_cast<std::size_t>(tier::ram)] = bounds.ram_quota;
  if (bounds.disk_quota != 0) index.quotas[static_cast<std::size_t>(tier::disk)] = bounds.disk_quota;
  return {index, bounds};
}

using cache_index_claims = properties<cache_index::state, cache_index::command, cache_index::response>;

/// Everything that is claimed of the cache index: R1, R3, the rules 5 to 7, 12 and 13, and what must be possible within
/// `bounds`.
cache_index_claims cache_index_properties(const cache_index_bounds& bounds);

}  // namespace wavetank::model

// A small closed world around a buffer's partition, for the model checker.
//
// Every put of two producers, or of a few keys and versions, comes at every moment; the partition swaps whenever it
// may; the processor gets the next chunk in the order of acceptance, and succeeds, fails, or has it given once more.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/buffer.h>
#include <wavetank/model/checker/properties.h>

namespace wavetank::model {

struct buffer_bounds {
  bool keyed = false;
  std::uint64_t producers = 2;    ///< of a queue
  std::uint64_t keys = 1;         ///< of a map
  std::uint64_t versions = 2;     ///< of a map: 1 to this
  std::uint64_t puts = 4;         ///< accepted in a run
  std::uint64_t max_records = 0;  ///< 0: no bound
  std::uint64_t policy = 0;       ///< as `overflow` counts them
  std::uint64_t batch_size = 1;
  bool retries = true;  ///< chunks are given again
};

struct buffer_scope {
  using state = buffer::state;
  using command = buffer::command;
  using response = buffer::response;

  buffer_bounds bounds{};
  buffer partition{};

  [[nodiscard]] state initial() const { return partition.initial(); }
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    partition.step(before, what, std::forward<Emit>(emit));
  }
  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s)) yield(one);
  }
  [[nodiscard]] std::vector<command> commands_in(const state& s) const;
};

buffer_scope scope_of(const buffer_bounds& bounds);

/// D1, D2, D4 to D6 and D8, and what must be possible in these bounds.
properties_of<buffer_scope> buffer_properties(const buffer_bounds& bounds);

}  // namespace wavetank::model

// The disk log in a small closed world: which steps may come, and what is claimed of every run.
//
// A few batches and segments; writes, syncs and segments that fail, a crash at any moment with anything left of what is
// pending, recovery after each, frames that rot. Batches are numbered in the order in which they are tried.
#pragma once

#include <cstdint>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/disk_log.h>

namespace wavetank::model {

/// How large the world is.
struct disk_log_bounds {
  std::uint64_t batches = 4;    ///< batches that are tried in a run
  std::uint64_t segments = 4;   ///< segments on the medium
  std::uint64_t rots = 1;       ///< frames that rot
  std::uint64_t in_flight = 2;  ///< batches that are written and not synced
};

/// The log, and what the scope counts.
struct disk_log_scope_state {
  disk_log::state log;
  std::uint64_t tried = 0;
  std::uint64_t rots = 0;
  friend bool operator==(const disk_log_scope_state&, const disk_log_scope_state&) = default;
};

template <class Sink>
void for_each_word(const disk_log_scope_state& s, Sink&& sink) {
  for_each_word(s.log, sink);
  sink(s.tried);
  sink(s.rots);
}
inline std::size_t hash_value(const disk_log_scope_state& s) { return hash_words(s); }
inline std::string describe(const disk_log_scope_state& s) { return describe(s.log); }

/// The steps that may come in `s`, in a fixed order.
std::vector<disk_log::command> commands_in(const disk_log_scope_state& s, const disk_log_bounds& bounds);

/// The closed machine around the specification, or around a broken variant of it.
template <class Log = disk_log>
struct disk_log_scope {
  using state = disk_log_scope_state;
  using command = disk_log::command;
  using response = disk_log::response;

  Log log;
  disk_log_bounds bounds;

  [[nodiscard]] state initial() const { return {log.initial()}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    const bool tries =
        std::holds_alternative<disk_log::write>(what) || std::holds_alternative<disk_log::write_fails>(what);
    const bool rots = std::holds_alternative<disk_log::decay>(what);
    log.step(before.log, what, [&](const response& said, const disk_log::state& inner) {
      const state after{inner, before.tried + (tries ? 1 : 0), before.rots + (rots ? 1 : 0)};
      emit(said, after);
    });
  }

  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s, bounds)) yield(one);
  }
};

template <class Log = disk_log>
disk_log_scope<Log> scope_of(const disk_log_bounds& bounds) {
  return {Log{}, bounds};
}

using disk_log_claims = properties<disk_log_scope_state, disk_log::command, disk_log::response>;

/// Everything that is claimed of the log, and what must be possible within `bounds`.
disk_log_claims disk_log_properties(const disk_log_bounds& bounds);

}  // namespace wavetank::model

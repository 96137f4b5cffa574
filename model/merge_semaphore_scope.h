// The merge semaphore in a small closed world: which commands may come, and what is claimed of every run.
//
// A few tasks and shards, a few calls at a time; deaths, time-outs, stop requests, unwound calls, transfers, releases
// by name, close and destruction at any moment. What such a world covers: `semaphore_scope.h`.
#pragma once

#include <cstdint>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/merge_semaphore.h>
#include <wavetank/model/semaphore_scope.h>

namespace wavetank::model {

/// How large the world is. Tasks, calls and shards are numbered from 1.
struct merge_semaphore_bounds {
  std::uint64_t tasks = 3;   ///< at least 2, as calls: alone nobody waits for anybody
  std::uint64_t calls = 3;   ///< calls that are running or whose handle is kept, at a time
  std::uint64_t shards = 2;  ///< shards that a call may name
  std::uint64_t deaths = 2;  ///< how many of the tasks may die
  bool stops = true;         ///< stop requests and unwound calls
  bool transfers = true;
  bool ends = true;  ///< close and destruction
};

using merge_semaphore_scope_state = with_handles<merge_semaphore::state>;

/// The commands that may come in `s`, in a fixed order.
std::vector<merge_semaphore::command> commands_in(const merge_semaphore_scope_state& s,
                                                  const merge_semaphore_bounds& bounds);

/// Follows what the callers of `s` hold after `what` was answered by `said`.
void note_handle(merge_semaphore_scope_state& s, const merge_semaphore::command& what,
                 const merge_semaphore::response& said);

/// The closed machine around the specification, or around a broken variant of it.
template <class Semaphore = merge_semaphore>
semaphore_scope<Semaphore, merge_semaphore_bounds> scope_of(const merge_semaphore_bounds& bounds) {
  return {Semaphore{}, bounds};
}

using merge_semaphore_claims =
    properties<merge_semaphore_scope_state, merge_semaphore::command, merge_semaphore::response>;

/// Everything that is claimed of the merge semaphore: each row of its table, the invariants S3 to S6 and S8, and what
/// must be possible within `bounds`.
merge_semaphore_claims merge_semaphore_properties(const merge_semaphore_bounds& bounds);

}  // namespace wavetank::model

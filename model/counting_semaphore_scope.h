// The counting semaphore in a small closed world: which commands may come, and what is claimed of every run.
//
// A few tasks, a few calls at a time, small weights and limits; deaths, time-outs, stop requests, unwound calls,
// transfers, changes of the limit, close and destruction at any moment. What such a world covers: `semaphore_scope.h`.
#pragma once

#include <cstdint>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/counting_semaphore.h>
#include <wavetank/model/semaphore_scope.h>

namespace wavetank::model {

/// How large the world is. Tasks and calls are numbered from 1.
struct counting_semaphore_bounds {
  std::uint64_t tasks = 3;       ///< at least 2, as calls: alone nobody waits for anybody
  std::uint64_t calls = 3;       ///< calls that are running or whose handle is kept, at a time
  std::uint64_t max_weight = 2;  ///< requests of 1 … this
  std::uint64_t max_limit = 2;   ///< limits of 1 … this; the first limit is this
  std::uint64_t deaths = 2;      ///< how many of the tasks may die
  bool stops = true;             ///< stop requests and unwound calls
  bool transfers = true;
  bool ends = true;  ///< close and destruction
};

using counting_semaphore_scope_state = with_handles<counting_semaphore::state>;

/// The commands that may come in `s`, in a fixed order.
std::vector<counting_semaphore::command> commands_in(const counting_semaphore_scope_state& s,
                                                     const counting_semaphore_bounds& bounds);

/// Follows what the callers of `s` hold after `what` was answered by `said`.
void note_handle(counting_semaphore_scope_state& s, const counting_semaphore::command& what,
                 const counting_semaphore::response& said);

/// The closed machine around the specification, or around a broken variant of it.
template <class Semaphore = counting_semaphore>
semaphore_scope<Semaphore, counting_semaphore_bounds> scope_of(const counting_semaphore_bounds& bounds) {
  Semaphore semaphore;
  semaphore.initial_limit = bounds.max_limit;
  return {semaphore, bounds};
}

using counting_semaphore_claims =
    properties<counting_semaphore_scope_state, counting_semaphore::command, counting_semaphore::response>;

/// Everything that is claimed of the counting semaphore: the invariants S1 to S6 of its specification, and what must be
/// possible within `bounds`.
counting_semaphore_claims counting_semaphore_properties(const counting_semaphore_bounds& bounds);

}  // namespace wavetank::model

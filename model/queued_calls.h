// What the transitions of semaphores ask of their queue and of the calls that were decided but have not returned.
#pragma once

#include <algorithm>

#include <wavetank/model/blocking_call.h>

namespace wavetank::model {

/// Commands of a semaphore's users need a semaphore, and a caller who lives.
template <class State>
bool serves(const State& s, task_number caller) {
  return !s.destroyed && !s.dead.contains(caller);
}

/// The place of `call` in the queue, or its end.
template <class State>
auto waiter_of(State& s, call_number call) {
  return std::find_if(s.queue.begin(), s.queue.end(), [&](const auto& one) { return one.call == call; });
}

/// Takes `call` out of the queue; false if it was not there.
template <class State>
bool leave_queue(State& s, call_number call) {
  return std::erase_if(s.queue, [&](const auto& one) { return one.call == call; }) != 0;
}

template <class State>
bool granted_but_unheard(const State& s, call_number call) {
  const auto* verdict = s.unheard.find(call);
  return verdict != nullptr && verdict->outcome == decltype(verdict->outcome)::granted;
}

/// False only for a call that is known to wait without one.
template <class State>
bool has_deadline(const State& s, call_number call) {
  if (const auto* verdict = s.unheard.find(call)) return verdict->waits == patience::until_deadline;
  const auto one = waiter_of(s, call);
  return one == s.queue.end() || one->waits == patience::until_deadline;
}

}  // namespace wavetank::model

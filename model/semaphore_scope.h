// A semaphore in a small closed world: the specification and what its callers hold in their hands.
//
// For the model checker. The number of calls at a time is bounded, their number in a run is not: a call's number is
// used again once no handle carries it, so that runs of any length are covered. A handle is kept when its permit dies
// and is released once more, so stale releases are met everywhere. A task that waits makes no other call; any task may
// hold several permits; a handle may outlive its owner.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/blocking_call.h>
#include <wavetank/model/sorted_map.h>
#include <wavetank/model/words.h>

namespace wavetank::model {

/// A semaphore's state, and the calls whose handle was given out and not dropped.
template <class SemaphoreState>
struct with_handles {
  SemaphoreState semaphore;
  sorted_set<call_number> handles;
  friend bool operator==(const with_handles&, const with_handles&) = default;
};

template <class SemaphoreState, class Sink>
void for_each_word(const with_handles<SemaphoreState>& s, Sink&& sink) {
  for_each_word(s.semaphore, sink);
  sink(s.handles.size());
  for (const auto& entry : s.handles) sink(entry.first);
}

template <class SemaphoreState>
std::size_t hash_value(const with_handles<SemaphoreState>& s) {
  return hash_words(s);
}

template <class SemaphoreState>
std::string describe(const with_handles<SemaphoreState>& s) {
  std::string handles;
  for (const auto& entry : s.handles) handles += (handles.empty() ? "#" : " #") + std::to_string(entry.first);
  return describe(s.semaphore) + (handles.empty() ? "" : "; handles: " + handles);
}

/// Whether `task` is inside a blocking call.
template <class SemaphoreState>
bool is_blocked(const SemaphoreState& s, task_number task) {
  return std::any_of(s.queue.begin(), s.queue.end(), [&](const auto& one) { return one.task == task; }) ||
         std::any_of(s.unheard.begin(), s.unheard.end(), [&](const auto& one) { return one.second.task == task; });
}

/// The smallest of 1 … `calls` that nobody carries: one for all, so that equal situations are equal states. A permit
/// has the number of its call, `is_live(number)`.
template <class SemaphoreState, class IsLive>
std::optional<call_number> free_call_number(const with_handles<SemaphoreState>& s, call_number calls,
                                            IsLive&& is_live) {
  const auto& inner = s.semaphore;
  for (call_number call = 1; call <= calls; ++call) {
    const bool queued =
        std::any_of(inner.queue.begin(), inner.queue.end(), [&](const auto& one) { return one.call == call; });
    if (!queued && !is_live(call) && !inner.unheard.contains(call) && !s.handles.contains(call)) return call;
  }
  return std::nullopt;
}

/// The ways in which calls that wait, or were answered but have not returned, may go on. `bounds.stops`: stop requests
/// and unwound calls too.
template <class Semaphore, class State, class Bounds>
void add_ends_of_calls(std::vector<typename Semaphore::command>& all, const State& s, const Bounds& bounds) {
  const auto add_ends_of_wait = [&](call_number call, patience waits) {
    if (waits == patience::until_deadline) all.push_back(typename Semaphore::time_out{call});
    if (!bounds.stops) return;
    all.push_back(typename Semaphore::cancel{call});
    all.push_back(typename Semaphore::abandon{call});
  };
  for (const auto& one : s.semaphore.queue) add_ends_of_wait(one.call, one.waits);
  for (const auto& [call, verdict] : s.semaphore.unheard) {
    all.push_back(typename Semaphore::answer{call});
    if (verdict.outcome == Semaphore::result::granted) add_ends_of_wait(call, verdict.waits);
  }
}

template <class Semaphore, class State, class Bounds>
void add_uses_of_handles(std::vector<typename Semaphore::command>& all, const State& s, const Bounds& bounds) {
  for (const auto& entry : s.handles) {
    all.push_back(typename Semaphore::release{entry.first});
    if (!bounds.transfers) continue;
    for (task_number to = 1; to <= bounds.tasks; ++to) {
      all.push_back(typename Semaphore::transfer{entry.first, to});
    }
  }
}

template <class Semaphore, class State, class Bounds>
void add_deaths(std::vector<typename Semaphore::command>& all, const State& s, const Bounds& bounds) {
  if (s.semaphore.dead.size() >= bounds.deaths) return;
  for (task_number task = 1; task <= bounds.tasks; ++task) {
    if (!s.semaphore.dead.contains(task)) all.push_back(typename Semaphore::owner_dies{task});
  }
}

/// The closed machine around `Semaphore`: the specification, or a broken variant of it with the same types. For its
/// bounds there are, by argument-dependent lookup,
/// `commands_in(state, bounds)`: a vector of the commands that may come, in a fixed order;
/// `note_handle(state, command, response)`: follows what the callers hold.
template <class Semaphore, class Bounds>
struct semaphore_scope {
  using state = with_handles<typename Semaphore::state>;
  using command = typename Semaphore::command;
  using response = typename Semaphore::response;

  Semaphore semaphore;
  Bounds bounds;

  [[nodiscard]] state initial() const { return {semaphore.initial(), {}}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    semaphore.step(before.semaphore, what, [&](const response& said, const typename Semaphore::state& inner) {
      state after{inner, before.handles};
      note_handle(after, what, said);
      emit(said, std::as_const(after));
    });
  }

  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s, bounds)) yield(one);
  }
};

}  // namespace wavetank::model

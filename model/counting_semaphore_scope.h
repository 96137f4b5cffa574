// The counting semaphore in a small closed world: which commands may come, and what is claimed of every run.
//
// For the model checker. A few tasks, a few calls at a time, small weights and limits; deaths, time-outs, stop
// requests, unwound calls, transfers, changes of the limit, close and destruction at any moment. The number of calls at
// a time is bounded, their number in a run is not: a call's number is used again once no handle carries it, so that
// runs of any length are covered. A handle is kept when its permit dies and is released once more, so stale releases
// are met everywhere. A task that waits makes no other call. Any task may hold several permits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/counting_semaphore.h>

namespace wavetank::model {

/// How large the world is. Tasks and calls are numbered from 1.
struct counting_semaphore_bounds {
  std::uint64_t tasks = 3;
  std::uint64_t calls = 3;       ///< calls that are running or whose handle is kept, at a time
  std::uint64_t max_weight = 2;  ///< requests of 1 … this
  std::uint64_t max_limit = 2;   ///< limits of 1 … this; the first limit is this
  std::uint64_t deaths = 2;      ///< how many of the tasks may die
  bool stops = true;             ///< stop requests and unwound calls
  bool transfers = true;
  bool ends = true;  ///< close and destruction
};

/// The semaphore and what its callers hold in their hands.
struct counting_semaphore_scope_state {
  counting_semaphore::state semaphore;
  sorted_set<call_number> handles;  ///< calls whose handle was given out and not dropped
  friend bool operator==(const counting_semaphore_scope_state&, const counting_semaphore_scope_state&) = default;
};

template <class Sink>
void for_each_word(const counting_semaphore_scope_state& s, Sink&& sink) {
  for_each_word(s.semaphore, sink);
  sink(s.handles.size());
  for (const auto& entry : s.handles) sink(entry.first);
}
inline std::size_t hash_value(const counting_semaphore_scope_state& s) { return hash_words(s); }
std::string describe(const counting_semaphore_scope_state& s);

/// The commands that may come in `s`, in a fixed order.
std::vector<counting_semaphore::command> commands_in(const counting_semaphore_scope_state& s,
                                                     const counting_semaphore_bounds& bounds);

/// Follows what the callers of `s` hold after `what` was answered by `said`.
void note_handle(counting_semaphore_scope_state& s, const counting_semaphore::command& what,
                 const counting_semaphore::response& said);

/// A closed machine around `Semaphore`: the specification, or a broken variant of it with the same types.
template <class Semaphore = counting_semaphore>
struct counting_semaphore_scope {
  using state = counting_semaphore_scope_state;
  using command = counting_semaphore::command;
  using response = counting_semaphore::response;

  counting_semaphore_bounds bounds;

  [[nodiscard]] Semaphore semaphore() const {
    Semaphore one;
    one.initial_limit = bounds.max_limit;
    return one;
  }

  [[nodiscard]] state initial() const { return {semaphore().initial(), {}}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    semaphore().step(before.semaphore, what, [&](const response& said, const counting_semaphore::state& inner) {
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

/// Everything that is claimed of the counting semaphore: the invariants S1 to S6 of its specification, and what must be
/// possible within `bounds`.
properties_of<counting_semaphore_scope<>> counting_semaphore_properties(const counting_semaphore_bounds& bounds);

}  // namespace wavetank::model

// What the model checker needs beyond a specification: the commands that may come in each state.
#pragma once

#include <string>

#include <wavetank/model/state_machine.h>

namespace wavetank::model {

/// A state machine that is closed: it knows its environment. `for_each_command(s, yield)` calls `yield(command)` for
/// every command that may come in `s`, in an order that depends on `s` alone; those that `step` disables are no
/// transitions. Finitely many states can be reached, or the check ends in its budget.
///
/// `describe(command)`, `describe(response)` and `describe(state)` (by argument-dependent lookup) give the text of
/// counterexamples: one line each.
template <class M>
concept closed_machine = state_machine<M> &&
    requires(const M& m, const typename M::state& s, const typename M::command& c, const typename M::response& r) {
  m.for_each_command(s, [](const typename M::command&) {});
  { describe(s) } -> std::convertible_to<std::string>;
  { describe(c) } -> std::convertible_to<std::string>;
  { describe(r) } -> std::convertible_to<std::string>;
};

}  // namespace wavetank::model

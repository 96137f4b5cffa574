// The contract between executable specifications and those who judge by them.
#pragma once

#include <concepts>
#include <cstddef>

namespace wavetank::model {

/// An executable specification: a set of states and, for each command, the responses that are allowed in a state
/// with the state that each leads to. Several pairs make a nondeterministic specification, none a command that is
/// disabled there (a blocking call whose time has not come).
///
/// `m.step(s, c, emit)` calls `emit(response, next_state)` once for each allowed pair, in an order that depends on
/// `(s, c)` alone. A model is a pure value: no clock, no I/O, no tasks, no randomness. States and responses compare
/// with `==`; `hash_value(state)` (found by argument-dependent lookup) agrees with it. Both the model checker, the
/// lockstep judge and the linearizability checker take this one concept.
template <class M>
concept state_machine = requires(const M& m, const typename M::state& s, const typename M::command& c) {
  requires std::regular<typename M::state>;
  requires std::copyable<typename M::command>;
  requires std::equality_comparable<typename M::response>;
  { m.initial() } -> std::same_as<typename M::state>;
  { hash_value(s) } -> std::convertible_to<std::size_t>;
  m.step(s, c, [](const typename M::response&, const typename M::state&) {});
};

}  // namespace wavetank::model

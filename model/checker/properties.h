// What a model is checked for.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/state_machine.h>

namespace wavetank::model {

/// A named claim about every reachable state.
template <class State>
struct state_claim {
  std::string name;
  std::function<bool(const State&)> holds;
};

/// A named claim about every transition `before --command/said--> after`.
template <class State, class Command, class Response>
struct step_claim {
  std::string name;
  std::function<bool(const State& before, const Command& command, const Response& said, const State& after)> holds;
};

/// The properties of models with these states, commands and responses (so that a deliberately broken variant is judged
/// by the same ones). Predicates must be pure; each is called once for each state or transition.
template <class State, class Command, class Response>
struct properties {
  /// True in every reachable state.
  std::vector<state_claim<State>> invariants;

  /// True of every transition.
  std::vector<step_claim<State, Command, Response>> step_invariants;

  /// "This must be possible": a state, or a transition, that some run must reach. One that none reaches is a violation:
  /// the scope or the specification is too narrow to say anything about it.
  std::vector<state_claim<State>> reachable;
  std::vector<step_claim<State, Command, Response>> reachable_steps;

  /// The same, where the bounds of a scope decide whether it can be `wanted`.
  void reach_if(bool wanted, std::string name, std::function<bool(const State&)> there) {
    if (wanted) reachable.push_back({std::move(name), std::move(there)});
  }
  void step_if(bool wanted, std::string name,
               std::function<bool(const State&, const Command&, const Response&, const State&)> taken) {
    if (wanted) reachable_steps.push_back({std::move(name), std::move(taken)});
  }

  /// States in which nothing needs to happen any more. Any other state without a command that is enabled and `certain`
  /// is a deadlock. Empty: no state may rest.
  std::function<bool(const State&)> may_rest;

  /// Commands that come of themselves if nothing else does (a holder releases, a decided call returns), as against
  /// those that may or may not come (a new request, a death). Empty: every command is certain.
  std::function<bool(const State&, const Command&)> certain;
};

/// The properties of the machine `M`.
template <state_machine M>
using properties_of = properties<typename M::state, typename M::command, typename M::response>;

}  // namespace wavetank::model

// The lockstep judge: compares what was observed with what a model allows, step by step.
//
// For: one task's commands against a specification (sequential lockstep), and a recorded run against the model's
// transitions (refinement by trace). Promises: it accepts exactly the sequences of (command, response) that some run of
// the model produces; of a nondeterministic model it follows every state that the observations leave possible. It names
// the first step that no run explains. Leaves out: concurrency (that is the linearizability checker's).
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/state_machine.h>

namespace wavetank::model {

/// The first observation that the model does not allow.
template <state_machine M>
struct refusal {
  std::size_t step;  ///< counted from 1
  typename M::command command;
  std::optional<typename M::response> observed;
  std::vector<typename M::response> allowed;  ///< each once; empty: the command is disabled there
  std::vector<typename M::state> before;      ///< the states that the earlier observations leave possible
};

/// One judge for one run. Time a step: that of the model times the possible states (one for a deterministic model).
/// Not thread-safe.
template <state_machine M>
class lockstep {
 public:
  using state = typename M::state;
  using command = typename M::command;
  using response = typename M::response;

  explicit lockstep(M model) : model_(std::move(model)), possible_{model_.initial()} {}

  /// Takes one observation. Empty: the model allows it, and the judge has moved on. A refusal leaves the judge where it
  /// was, so that it can still be asked.
  std::optional<refusal<M>> observe(const command& what, const response& said) { return move(what, &said); }

  /// As `observe`, for a command whose response nobody saw: any that the model allows.
  std::optional<refusal<M>> observe_unknown(const command& what) { return move(what, nullptr); }

  /// `what` may have happened or not, and nobody saw it: an internal step of the model.
  void perhaps(const command& what) {
    std::vector<state> both = possible_;
    for (const state& s : possible_) {
      model_.step(s, what, [&](const response&, const state& after) { add(both, after); });
    }
    possible_ = std::move(both);
  }

  /// Keeps the states that agree with what else was seen. False, and nothing changed, if none does.
  template <class Holds>
  [[nodiscard]] bool narrow(Holds&& agrees) {
    std::vector<state> kept;
    for (const state& s : possible_) {
      if (agrees(s)) kept.push_back(s);
    }
    if (kept.empty()) return false;
    possible_ = std::move(kept);
    return true;
  }

  /// The responses that the model allows to `what` now, each once, in the model's order.
  [[nodiscard]] std::vector<response> allowed(const command& what) const {
    std::vector<response> all;
    for (const state& s : possible_) {
      model_.step(s, what, [&](const response& said, const state&) { add(all, said); });
    }
    return all;
  }

  /// The states that the observations leave possible; never empty.
  [[nodiscard]] const std::vector<state>& possible_states() const { return possible_; }

  /// Observations taken.
  [[nodiscard]] std::size_t steps() const { return steps_; }

 private:
  std::optional<refusal<M>> move(const command& what, const response* seen) {
    std::vector<state> next;
    for (const state& s : possible_) {
      model_.step(s, what, [&](const response& said, const state& after) {
        if (seen == nullptr || said == *seen) add(next, after);
      });
    }
    if (next.empty()) {
      return refusal<M>{steps_ + 1, what, seen == nullptr ? std::nullopt : std::optional<response>{*seen},
                        allowed(what), possible_};
    }
    possible_ = std::move(next);
    ++steps_;
    return std::nullopt;
  }

  template <class T>
  static void add(std::vector<T>& all, const T& one) {
    if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }

  M model_;
  std::vector<state> possible_;
  std::size_t steps_ = 0;
};

/// One event of a recorded run; no response means that nobody saw it.
template <state_machine M>
struct recorded_event {
  typename M::command command;
  std::optional<typename M::response> said;
};

/// Refinement by trace: the first event of `run` that no run of `model` explains, or empty. `Run` is a range of
/// `recorded_event<M>`, in the order in which the events took effect.
template <state_machine M, class Run>
std::optional<refusal<M>> first_refusal(const M& model, const Run& run) {
  lockstep<M> judge{model};
  for (const recorded_event<M>& event : run) {
    auto refused = event.said ? judge.observe(event.command, *event.said) : judge.observe_unknown(event.command);
    if (refused) return refused;
  }
  return std::nullopt;
}

/// For people: "step 3: permit #1 is released -> released, but the model allows: nothing", and the states before.
/// The parts are described by argument-dependent lookup.
template <state_machine M>
std::string describe(const refusal<M>& refused) {
  std::string text = "step " + std::to_string(refused.step) + ": " + describe(refused.command) + " -> " +
                     (refused.observed ? describe(*refused.observed) : std::string{"(not seen)"});
  if (refused.allowed.empty()) {
    text += ", but the model does not allow this command here";
  } else {
    text += ", but the model allows:";
    const char* separator = " ";
    for (const auto& one : refused.allowed) {
      text += separator + describe(one);
      separator = " | ";
    }
  }
  for (const auto& s : refused.before) text += "\n  in: " + describe(s);
  return text + "\n";
}

}  // namespace wavetank::model

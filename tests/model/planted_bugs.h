// Broken variants of a specification, and whether claims see them.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/checker/model_checker.h>

namespace wavetank::model {

/// A bug, planted in what the specification says and in the state that it leads to.
template <class Model>
struct planted_bug {
  using change = std::function<void(const typename Model::state& before, const typename Model::command& what,
                                    typename Model::response& said, typename Model::state& after)>;
  std::string name;
  change plant;
};

/// `Model` with a bug, or as it is.
template <class Model>
struct broken : Model {
  typename planted_bug<Model>::change plant;

  template <class Emit>
  void step(const typename Model::state& before, const typename Model::command& what, Emit&& emit) const {
    Model::step(before, what, [&](const typename Model::response& said, const typename Model::state& after) {
      typename Model::response wrong_answer = said;
      typename Model::state wrong_state = after;
      plant(before, what, wrong_answer, wrong_state);
      emit(std::as_const(wrong_answer), std::as_const(wrong_state));
    });
  }
};

/// The names of the claims of `all` that none of `planted` violates in one step from any of the first `states` states
/// of `healthy`.
template <class Machine, class BrokenMachine>
std::set<std::string> claims_that_see_nothing(const Machine& healthy, const std::vector<BrokenMachine>& planted,
                                              const properties_of<Machine>& all, std::size_t states) {
  using state = typename Machine::state;
  using command = typename Machine::command;
  using response = typename Machine::response;
  std::set<std::string> idle;
  for (const auto& claim : all.invariants) idle.insert(claim.name);
  for (const auto& claim : all.step_invariants) idle.insert(claim.name);
  const auto judge = [&](const state& before, const command& what, const response& said, const state& after) {
    for (const auto& claim : all.invariants) {
      if (idle.contains(claim.name) && !claim.holds(after)) idle.erase(claim.name);
    }
    for (const auto& claim : all.step_invariants) {
      if (idle.contains(claim.name) && !claim.holds(before, what, said, after)) idle.erase(claim.name);
    }
  };
  properties_of<Machine> probe;
  probe.may_rest = [](const state&) { return true; };
  probe.step_invariants = {{"a bug here", [&](const state& before, const command& what, const response&, const state&) {
                              if (idle.empty()) return true;
                              for (const auto& machine : planted) {
                                machine.step(before, what, [&](const response& said, const state& after) {
                                  judge(before, what, said, after);
                                });
                              }
                              return true;
                            }}};
  check(healthy, probe, check_budget{states, std::size_t{1} << 30U});
  return idle;
}

}  // namespace wavetank::model

// The model checker: visits every reachable state of a closed state machine, breadth first.
//
// For: proving a specification right in a bounded scope before anything is judged by it. Promises: an exhaustive search
// (no state is taken for another: equal hashes are compared), the shortest counterexample, the same text for the same
// input, a budget counted in states and bytes after which it says "undecided" and never "holds". Leaves out: liveness
// beyond deadlock, partial-order and symmetry reduction, files on disk, parallel search.
//
// Breadth-first explicit-state search as in TLC (Yu, Manolios, Lamport 1999), but with whole states in the place of
// fingerprints: a collision cannot hide a state.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/checker/closed_machine.h>
#include <wavetank/model/checker/properties.h>
#include <wavetank/model/checker/report.h>
#include <wavetank/model/checker/visited_states.h>

namespace wavetank::model {

/// One exhaustive check. Use `check`, below.
template <closed_machine M>
class model_checker {
 public:
  using state = typename M::state;
  using command = typename M::command;
  using response = typename M::response;

  model_checker(const M& machine, const properties_of<M>& claims, const check_budget& budget)
      : machine_(machine), claims_(claims), budget_(budget) {
    for (const auto& one : claims.invariants) report_.invariants.push_back(one.name);
    for (const auto& one : claims.step_invariants) report_.step_invariants.push_back(one.name);
    for (const auto& one : claims.reachable) report_.landmarks.push_back({one.name});
    for (const auto& one : claims.reachable_steps) report_.landmarks.push_back({one.name});
  }

  check_report run() {
    meet(machine_.initial(), {0, 0}, 0);
    for (std::uint64_t depth = 0; going_on() && !frontier_.empty(); ++depth) {
      report_.depth = depth;
      std::vector<node> layer;
      layer.swap(frontier_);
      for (std::size_t i = 0; going_on() && i < layer.size(); ++i) {
        expand(layer[i], depth);
        note_memory(layer.size());
      }
    }
    conclude();
    return std::move(report_);
  }

 private:
  /// How a state was first reached: from which state, by which of its transitions.
  struct link {
    std::uint32_t parent;
    std::uint32_t branch;
  };
  struct node {
    std::uint32_t number;
    state value;
  };

  [[nodiscard]] bool going_on() const { return !report_.failure && report_.gave_up_because.empty(); }

  /// Calls `visit(command, response, next)` for each transition out of `s` until it returns false.
  template <class Visit>
  void for_each_transition(const state& s, Visit&& visit) const {
    bool more = true;
    machine_.for_each_command(s, [&](const command& c) {
      if (!more) return;
      machine_.step(s, c, [&](const response& said, const state& next) { more = more && visit(c, said, next); });
    });
  }

  void expand(const node& from, std::uint64_t depth) {
    bool moves = false;
    std::uint32_t branch = 0;
    for_each_transition(from.value, [&](const command& c, const response& said, const state& next) {
      ++report_.transitions;
      moves = moves || !claims_.certain || claims_.certain(from.value, c);
      judge_step(from, c, said, next, depth + 1);
      if (going_on() && next != from.value) meet(next, {from.number, branch}, depth + 1);
      ++branch;
      return going_on();
    });
    if (going_on()) judge_rest(from, moves);
  }

  /// A state, perhaps for the first time.
  void meet(const state& s, link reached_by, std::uint64_t depth) {
    const auto [number, is_new] = visited_.enter(s);
    if (!is_new) return;
    links_.push_back(reached_by);
    ++report_.states;
    for (const auto& claim : claims_.invariants) {
      if (!claim.holds(s)) return fail(violation_kind::invariant, claim.name, path_to(number));
    }
    for (std::size_t i = 0; i < claims_.reachable.size(); ++i) {
      if (claims_.reachable[i].holds(s)) pass(report_.landmarks[i], depth);
    }
    if (report_.states > budget_.states) {
      report_.gave_up_because =
          "more than " + std::to_string(budget_.states) + " states; narrow a bound or raise the budget";
    }
    frontier_.push_back({number, s});
  }

  void judge_step(const node& from, const command& c, const response& said, const state& next, std::uint64_t depth) {
    for (const auto& claim : claims_.step_invariants) {
      if (claim.holds(from.value, c, said, next)) continue;
      auto path = path_to(from.number);
      fail(violation_kind::step_invariant, claim.name, path);
      report_.failure->story.push_back({describe(c), describe(said), describe(next)});
      return;
    }
    for (std::size_t i = 0; i < claims_.reachable_steps.size(); ++i) {
      if (claims_.reachable_steps[i].holds(from.value, c, said, next)) {
        pass(report_.landmarks[claims_.reachable.size() + i], depth);
      }
    }
  }

  void judge_rest(const node& at, bool moves) {
    if (claims_.may_rest && claims_.may_rest(at.value)) {
      ++report_.resting;
    } else if (!moves) {
      fail(violation_kind::deadlock, "no deadlock", path_to(at.number));
    }
  }

  static void pass(landmark& one, std::uint64_t depth) {
    if (one.hits++ == 0) one.first_depth = depth;
  }

  /// The branches that lead from the initial state to `number`.
  [[nodiscard]] std::vector<std::uint32_t> path_to(std::uint32_t number) const {
    std::vector<std::uint32_t> branches;
    for (; number != 0; number = links_[number].parent) branches.push_back(links_[number].branch);
    std::reverse(branches.begin(), branches.end());
    return branches;
  }

  /// Records a violation; its story is made by walking the path again, so that nothing is formatted before a failure.
  void fail(violation_kind kind, const std::string& property, const std::vector<std::uint32_t>& path) {
    state at = machine_.initial();
    violation found{kind, property, describe(at), {}};
    for (const std::uint32_t wanted : path) {
      std::uint32_t branch = 0;
      std::optional<state> reached;
      for_each_transition(at, [&](const command& c, const response& said, const state& next) {
        if (branch++ != wanted) return true;
        found.story.push_back({describe(c), describe(said), describe(next)});
        reached = next;
        return false;
      });
      at = std::move(*reached);
    }
    report_.failure = std::move(found);
  }

  /// Frontier states are whole; their heap is taken as another `sizeof(state)`.
  void note_memory(std::size_t layer_size) {
    const std::size_t now = visited_.memory_bytes() + links_.capacity() * sizeof(link) +
                            (layer_size + frontier_.capacity()) * 2 * sizeof(node);
    report_.memory_bytes = std::max(report_.memory_bytes, now);
    if (now > budget_.memory_bytes && going_on()) {
      report_.gave_up_because =
          "more than " + std::to_string(budget_.memory_bytes) + " bytes; narrow a bound or raise the budget";
    }
  }

  void conclude() {
    if (report_.failure) {
      report_.verdict = check_verdict::violated;
    } else if (!report_.gave_up_because.empty()) {
      report_.verdict = check_verdict::undecided;
    } else {
      report_.verdict = check_verdict::holds;
      for (const auto& one : report_.landmarks) {
        if (one.hits != 0 || report_.failure) continue;
        report_.failure = violation{violation_kind::unreachable, one.name, {}, {}};
        report_.verdict = check_verdict::violated;
      }
    }
  }

  const M& machine_;
  const properties_of<M>& claims_;
  const check_budget budget_;
  visited_states<state> visited_;
  std::vector<link> links_;
  std::vector<node> frontier_;
  check_report report_;
};

/// Visits every state that `machine` can reach and judges each state and transition by `claims`. Time: transitions
/// times (cost of a step + of all claims); memory: about 20 bytes a state more than its own words, and two layers of
/// whole states. Stops at the first violation, or when the budget ends.
template <closed_machine M>
check_report check(const M& machine, const properties_of<M>& claims, const check_budget& budget = {}) {
  return model_checker<M>{machine, claims, budget}.run();
}

}  // namespace wavetank::model

// The definition of linearizability, written down and tried out: every subset, every order. For histories of a handful
// of operations; knows nothing of the checker's intervals, windows, masks or reductions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/lin/refinements.h>

namespace wavetank::lin::testing {

template <class Model>
class brute_force {
 public:
  brute_force(const Model& model, const history<Model>& what, criterion meaning) : model_(model) {
    for (op_id id = 0; id < what.operations().size(); ++id) {
      const auto& op = what.operations()[id];
      if (op.stuck) {
        stuck_.push_back(op.request);
        continue;
      }
      items_.push_back({id, false, op.request, op.returned ? op.answer : std::nullopt, op.returned.has_value(),
                        2 * op.call, latest(what, op, meaning)});
    }
    if constexpr (changed_by_crashes<Model>)
      for (std::size_t i = 0; i < what.crashes().size(); ++i) {
        const instant at = what.crashes()[i];
        items_.push_back(
            {static_cast<op_id>(what.operations().size() + i), true, {}, std::nullopt, true, 2 * at, 2 * at});
      }
    placed_.assign(items_.size(), false);
  }

  bool linearizable() { return extend(model_.initial()); }

  /// Whether `order` is a linearization of exactly this history; operations that need not happen may be missing.
  bool accepts(const std::vector<op_id>& order) { return follow(order, 0, model_.initial()); }

 private:
  using state = typename Model::state;
  static constexpr instant never = end_of_time;

  // Instants are doubled, so that "just before t" is 2t - 1.
  struct item {
    op_id id;
    bool crash;
    std::optional<typename Model::command> request;
    std::optional<typename Model::response> answer;
    bool must_happen;
    instant earliest;
    instant latest;
  };

  template <class Operation>
  static instant latest(const history<Model>& what, const Operation& op, criterion meaning) {
    if (op.returned) return 2 * *op.returned;
    std::optional<instant> crash;
    for (const instant at : what.crashes())
      if (at > op.call && (!crash || at < *crash)) crash = at;
    if (!crash || meaning == criterion::durable) return never;
    if (meaning == criterion::strict) return 2 * *crash - 1;
    std::optional<instant> next;
    for (const auto& other : what.operations())
      if (other.client == op.client && other.call > *crash && (!next || other.call < *next)) next = other.call;
    return next ? 2 * *next - 1 : never;
  }

  bool may_go(std::size_t i) const {
    if (placed_[i]) return false;
    for (std::size_t j = 0; j < items_.size(); ++j) {
      if (!placed_[j] && items_[j].must_happen && items_[j].latest < items_[i].earliest) return false;
      if (placed_[j] && items_[j].earliest > items_[i].latest) return false;
    }
    return true;
  }

  bool over(const state& s) const {
    for (std::size_t i = 0; i < items_.size(); ++i)
      if (items_[i].must_happen && !placed_[i]) return false;
    for (const auto& request : stuck_) {
      bool enabled = false;
      model_.step(s, request, [&](const auto&, const state&) { enabled = true; });
      if (enabled) return false;
    }
    return true;
  }

  std::vector<state> after(const item& it, const state& s) const {
    std::vector<state> next;
    if (it.crash) {
      if constexpr (changed_by_crashes<Model>) model_.crash(s, [&](const state& to) { next.push_back(to); });
      return next;
    }
    model_.step(s, *it.request, [&](const auto& answer, const state& to) {
      if (!it.answer || answer == *it.answer) next.push_back(to);
    });
    return next;
  }

  bool extend(const state& s) {
    if (over(s)) return true;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!may_go(i)) continue;
      placed_[i] = true;
      for (const state& next : after(items_[i], s))
        if (extend(next)) {
          placed_[i] = false;
          return true;
        }
      placed_[i] = false;
    }
    return false;
  }

  bool follow(const std::vector<op_id>& order, std::size_t at, const state& s) {
    // The look at the final state stands last in an order; `over` takes it.
    if (at == order.size() || (!stuck_.empty() && at + 1 == order.size())) return over(s);
    const auto it = std::find_if(items_.begin(), items_.end(), [&](const item& one) { return one.id == order[at]; });
    if (it == items_.end()) return false;
    const std::size_t i = static_cast<std::size_t>(it - items_.begin());
    if (!may_go(i)) return false;
    placed_[i] = true;
    bool works = false;
    for (const state& next : after(items_[i], s)) works = works || follow(order, at + 1, next);
    placed_[i] = false;
    return works;
  }

  const Model& model_;
  std::vector<item> items_;
  std::vector<typename Model::command> stuck_;
  std::vector<bool> placed_;
};

}  // namespace wavetank::lin::testing

// The verdict on a recorded run: linearizable against the model, or why not.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <wavetank/model/lin/check.h>
#include <wavetank/model/lin/explain.h>
#include <wavetank/model/lin/refinements.h>
#include <wavetank/model/lockstep.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Configurations that a judge may look at before it gives up; generated programs need a few hundred.
inline constexpr std::uint64_t most_configurations = 4'000'000;

/// Fails the execution unless `seen` is linearizable. While the execution is told, says the operations that contradict
/// each other. A history too hard to judge fails as well: nothing is passed unseen.
template <class Model>
void judge(sim::world& w, const Model& model, const lin::history<Model>& seen) {
  lin::options how;
  how.limit_configurations = most_configurations;
  const lin::verdict v = lin::check(model, seen, how);
  if (v.result == lin::outcome::linearizable) return;
  if (v.result == lin::outcome::undecided) {
    return w.fail(sim::verdict_kind::assertion, "the history is too hard to judge; generate smaller programs");
  }
  if (w.told()) {
    w.say("no order of these operations agrees with the model:");
    for (const lin::op_id id : lin::explain(model, seen, v, how).core) {
      if (id >= seen.operations().size()) continue;
      const auto& op = seen.operations()[id];
      w.say("  [" + std::to_string(op.call) + ", " + (op.returned ? std::to_string(*op.returned) : "...") + "] " +
            model.describe(op.request) + (op.answer ? " -> " + model.describe(*op.answer) : ""));
    }
  }
  std::string last = "the end";
  const auto stopped = v.partitions[v.decisive].stopped_at;
  if (stopped < seen.operations().size()) {
    const auto& op = seen.operations()[stopped];
    last = model.describe(op.request) + (op.answer ? " -> " + model.describe(*op.answer) : "");
  }
  w.fail(sim::verdict_kind::not_linearizable, "no order of the calls passes this one: " + last);
}

/// What the model may judge apart, by `partition`; one part where it has none.
template <class Model>
auto part_of(const Model& model, const typename Model::command& what) {
  if constexpr (lin::partitioned<Model>) {
    return model.partition(what);
  } else {
    return 0;
  }
}

/// Fails the execution unless the operations, in the order in which they returned, are steps of the model: part by
/// part, as the checker of linearizability does, since what happens to all parts is recorded for each.
template <class Model>
void judge_in_lockstep(sim::world& w, const Model& model, const lin::history<Model>& seen) {
  using operation = typename lin::history<Model>::operation;
  std::vector<const operation*> order;
  for (const operation& op : seen.operations()) order.push_back(&op);
  std::stable_sort(order.begin(), order.end(),
                   [](const operation* a, const operation* b) { return a->returned < b->returned; });
  std::map<decltype(part_of(model, order.front()->request)), model::lockstep<Model>> judges;
  for (const operation* op : order) {
    auto& judge = judges.try_emplace(part_of(model, op->request), model).first->second;
    const auto refused = op->answer ? judge.observe(op->request, *op->answer) : judge.observe_unknown(op->request);
    if (!refused) continue;
    std::string message = "step " + std::to_string(refused->step) + ": " + model.describe(op->request) + " -> " +
                          (op->answer ? model.describe(*op->answer) : "?") + ", but the model allows:";
    for (const auto& allowed : refused->allowed) message += " " + model.describe(allowed);
    return w.fail(sim::verdict_kind::not_linearizable, message);
  }
}

}  // namespace wavetank::props

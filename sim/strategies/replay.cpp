#include <wavetank/sim/strategies/replay.h>

#include <algorithm>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

namespace {

bool possible(const scheduling_point& point, transition t) {
  if (t.kind() == transition::what::run) {
    const auto tasks = point.tasks();
    return std::find(tasks.begin(), tasks.end(), t.task()) != tasks.end();
  }
  std::vector<transition> faults;
  point.faults->list_faults(faults);
  return std::find(faults.begin(), faults.end(), t) != faults.end();
}

/// The task of this name with the same transition; spawn order may have changed since the trace was made.
transition by_name(const labelled_decision& d) {
  const transition recorded = transition::from_code(d.choice);
  scheduler& s = scheduler::here();
  if (recorded.task() < s.task_count() && s.at(recorded.task()).name == d.chosen_task) return recorded;
  for (std::uint32_t i = 0; i < s.task_count(); ++i) {
    const auto index = static_cast<task_index>(i);
    if (s.at(index).name == d.chosen_task) return {recorded.kind(), index};
  }
  return recorded;
}

}  // namespace

transition repeat::schedule(const scheduling_point& point) {
  if (next_ < decisions_.size() && decisions_[next_].kind == decision_kind::schedule) {
    const auto t = transition::from_code(decisions_[next_++].choice);
    if (possible(point, t)) return t;
  }
  return calmest(point);
}

std::uint32_t repeat::choose(const value_point& point) {
  if (next_ < decisions_.size() && decisions_[next_].kind == point.kind) {
    return std::min<std::uint32_t>(decisions_[next_++].choice, point.alternatives - 1);
  }
  return 0;
}

void strict_replay::diverge(std::string message) {
  diverged_ = true;
  scheduler::here().fail(verdict_kind::diverged, std::move(message));
}

const strict_replay::expected* strict_replay::next(decision_kind kind, std::uint32_t alternatives,
                                                   const decision_label& label, std::uint64_t hash) {
  if (diverged_) return nullptr;
  const std::string here = "decision " + std::to_string(next_ + 1);
  if (next_ == decisions_.size()) {
    diverge(here + " (" + to_string(label) + ") is not in the trace, which ends before it");
    return nullptr;
  }
  const expected& e = decisions_[next_];
  const std::string where = here + " (line " + std::to_string(e.line) + ")";
  if (e.hash_known && e.decision.hash != hash) {
    diverge(where + ": what happened before it differs from the trace; it is asked at " + to_string(label));
    return nullptr;
  }
  if (e.label_known &&
      (e.decision.kind != kind || e.decision.label != label || e.decision.alternatives != alternatives)) {
    diverge(where + ": the trace has " + to_string(e.decision.label) + " of " +
            std::to_string(e.decision.alternatives) + ", the run " + to_string(label) + " of " +
            std::to_string(alternatives));
    return nullptr;
  }
  ++next_;
  return &e;
}

transition strict_replay::schedule(const scheduling_point& point) {
  const auto* e = next(decision_kind::schedule, point.enabled_count + point.fault_count, labels_.at(point),
                       scheduler::here().hash());
  if (e == nullptr || e->decision.calm) return calmest(point);
  const auto t = transition::from_code(e->decision.choice);
  if (!possible(point, t)) {
    diverge("line " + std::to_string(e->line) + ": the trace goes on with " + e->decision.chosen_task +
            ", which cannot be done here");
    return calmest(point);
  }
  return t;
}

std::uint32_t strict_replay::choose(const value_point& point) {
  const auto* e = next(point.kind, point.alternatives, labels_.at(point), scheduler::here().hash());
  if (e == nullptr || e->decision.calm) return 0;
  if (e->decision.choice >= point.alternatives) {
    diverge("line " + std::to_string(e->line) + ": choice " + std::to_string(e->decision.choice) + " of " +
            std::to_string(point.alternatives));
    return 0;
  }
  return e->decision.choice;
}

tolerant_replay::tolerant_replay(const std::vector<labelled_decision>& decisions) {
  for (const auto& d : decisions) {
    if (!d.calm) wanted_.emplace(d.label, d);
  }
}

bool tolerant_replay::begin(std::uint64_t) {
  labels_.clear();
  return true;
}

transition tolerant_replay::schedule(const scheduling_point& point) {
  const auto found = wanted_.find(labels_.at(point));
  if (found != wanted_.end()) {
    if (const transition t = by_name(found->second); possible(point, t)) return t;
  }
  return calmest(point);
}

std::uint32_t tolerant_replay::choose(const value_point& point) {
  const auto found = wanted_.find(labels_.at(point));
  if (found == wanted_.end()) return 0;
  return std::min<std::uint32_t>(found->second.choice, point.alternatives - 1);
}

}  // namespace wavetank::sim

#include <wavetank/sim/strategies/exhaustive.h>

#include <algorithm>
#include <cassert>

namespace wavetank::sim {

bool exhaustive::is_asleep(const std::vector<sleeper>& asleep, transition t) noexcept {
  return std::any_of(asleep.begin(), asleep.end(), [&](const sleeper& s) { return s.what == t; });
}

/// To the next unexplored alternative of a node; false if there is none.
bool exhaustive::advance(node& n) {
  if (n.is_value) return ++n.value < n.values;
  n.asleep.push_back(n.alternatives[n.chosen]);
  while (++n.chosen < n.alternatives.size()) {
    if (!is_asleep(n.asleep, n.alternatives[n.chosen].what)) return true;
  }
  return false;
}

bool exhaustive::begin(std::uint64_t) {
  if (exhausted_) return false;
  if (started_) {
    while (size_ != 0 && !advance(path_[size_ - 1])) --size_;
    if (size_ == 0) {
      exhausted_ = true;
      return false;
    }
  }
  started_ = true;
  depth_ = 0;
  // Sleep sets are taken up again at the last schedule node that is replayed, which holds its own; none matters before.
  frontier_ = size_;
  while (frontier_ != 0 && path_[frontier_ - 1].is_value) --frontier_;
  asleep_.clear();
  redundant_now_ = false;
  return true;
}

void exhaustive::step_taken(const sleeper& s) {
  if (reduction_ == reduction::none) return;
  std::erase_if(asleep_, [&](const sleeper& other) { return depends(other, s); });
}

transition exhaustive::schedule(const scheduling_point& point) {
  if (redundant_now_) return calmest(point);
  const std::size_t alternatives = point.enabled_count + point.fault_count;
  if (alternatives == 1) {
    if (depth_ < frontier_) return calmest(point);
    transition only = calmest(point);
    const sleeper s{
        only, only.kind() == transition::what::run ? point.pending[only.task()] : point.faults->fault_operation(only)};
    if (is_asleep(asleep_, only)) redundant_now_ = true;
    step_taken(s);
    return only;
  }
  if (depth_ < size_) {
    node& n = path_[depth_++];
    assert(!n.is_value && n.alternatives.size() == alternatives);
    const sleeper& s = n.alternatives[n.chosen];
    if (depth_ == frontier_ && reduction_ != reduction::none) {
      asleep_ = n.asleep;
      step_taken(s);
    }
    return s.what;
  }
  if (size_ == path_.size()) path_.emplace_back();
  node& n = path_[size_];
  n.is_value = false;
  n.alternatives.clear();
  n.asleep = asleep_;
  n.chosen = 0;
  // The calmest first, then by index, then faults: the first executions are the ones that people understand.
  for (const task_index t : point.tasks()) n.alternatives.push_back({transition::run(t), point.pending[t]});
  const auto distance = [&](const sleeper& s) {
    const std::uint32_t from = point.current_enabled ? point.current : point.current + 1u;
    return (s.what.task() + point.task_count - from) % point.task_count;
  };
  std::sort(n.alternatives.begin(), n.alternatives.end(),
            [&](const sleeper& a, const sleeper& b) { return distance(a) < distance(b); });
  if (point.fault_count != 0) {
    point.faults->list_faults(faults_);
    for (const transition f : faults_) n.alternatives.push_back({f, point.faults->fault_operation(f)});
  }
  while (n.chosen < n.alternatives.size() && is_asleep(n.asleep, n.alternatives[n.chosen].what)) ++n.chosen;
  if (n.chosen == n.alternatives.size()) {
    redundant_now_ = true;
    return calmest(point);
  }
  ++size_;
  ++depth_;
  const sleeper s = n.alternatives[n.chosen];
  step_taken(s);
  return s.what;
}

std::uint32_t exhaustive::choose(const value_point& point) {
  if (redundant_now_) return 0;
  if (depth_ < size_) {
    assert(path_[depth_].is_value && path_[depth_].values == point.alternatives);
    return path_[depth_++].value;
  }
  if (size_ == path_.size()) path_.emplace_back();
  node& n = path_[size_++];
  ++depth_;
  n.is_value = true;
  n.value = 0;
  n.values = point.alternatives;
  return 0;
}

void exhaustive::end(std::uint64_t, std::uint32_t) {
  // An execution that failed early leaves decided nodes behind that it never reached: there are none, since it follows
  // its own path.
  redundant_now_ ? ++redundant_ : ++complete_;
}

}  // namespace wavetank::sim

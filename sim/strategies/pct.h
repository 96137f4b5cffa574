// Probabilistic concurrency testing, exactly as published: Burckhardt, Kothari, Musuvathi & Nagarakatte, "A randomized
// scheduler with probabilistic guarantees of finding bugs", ASPLOS'10.
//
// Tasks get random distinct priorities above d; the enabled task of the highest priority runs. d - 1 change points are
// drawn among the k steps; when the step of change point i is about to be taken, the task that would take it falls to
// priority i. (Several public tools let it fall "below all so far" instead, in the order of time, and lose the
// guarantee from depth 3 on.)
//
// Guarantee: a bug of depth d in a program of at most n tasks and k steps is found by an execution with probability at
// least 1 / (n k^(d-1)). Faults of the world are drawn beside the priorities, by chance.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <wavetank/sim/random.h>
#include <wavetank/sim/strategies/fault_chance.h>
#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

class pct final : public strategy {
 public:
  /// `depth` >= 1: the number of ordering constraints of the bugs sought.
  explicit pct(std::uint32_t depth) : depth_(std::max(depth, 1u)) {}

  std::string name() const override { return "pct(" + std::to_string(depth_) + ")"; }

  bool wants_size() const override { return true; }
  void expect(std::uint64_t steps, std::uint32_t) override { steps_ = std::max<std::uint64_t>(steps, 1); }

  bool begin(std::uint64_t seed) override {
    generator_ = generator{substream(seed, "schedule")};
    values_ = generator{substream(seed, "values")};
    faults_.begin(seed);
    priorities_.clear();
    changes_.clear();
    for (std::uint32_t i = 1; i < depth_; ++i) {
      changes_.push_back({1 + generator_.below(static_cast<std::uint32_t>(steps_)), i});
    }
    std::sort(changes_.begin(), changes_.end(), [](const change& a, const change& b) { return a.step < b.step; });
    next_change_ = 0;
    seen_epoch_ = 0;
    return true;
  }

  transition schedule(const scheduling_point& point) override {
    if (point.fault_count != 0) [[unlikely]] {
      if (const auto fault = faults_.draw(point)) return *fault;
    }
    while (priorities_.size() < point.task_count) priorities_.push_back(generator_() | initial);
    // Steps that only one task could take were not asked for: their change point hits the task that took them.
    while (next_change_ < changes_.size() && changes_[next_change_].step < point.step) {
      priorities_[point.current] = changes_[next_change_++].priority;
      seen_epoch_ = 0;
    }
    task_index top = highest(point);
    while (next_change_ < changes_.size() && changes_[next_change_].step == point.step) {
      priorities_[top] = changes_[next_change_++].priority;
      seen_epoch_ = 0;
      top = highest(point);
    }
    return transition::run(top);
  }

  std::uint32_t choose(const value_point& point) override {
    return point.kind == decision_kind::fault ? faults_.draw(point) : values_.below(point.alternatives);
  }

  void end(std::uint64_t, std::uint32_t) override {}

 private:
  struct change {
    std::uint64_t step;
    std::uint64_t priority;
  };
  /// Above every change point's priority; collisions of 63 random bits are not worth a check.
  static constexpr std::uint64_t initial = std::uint64_t{1} << 63;

  /// The current task stays the highest until another one becomes enabled or priorities change.
  task_index highest(const scheduling_point& point) {
    if (point.current_enabled && seen_epoch_ == point.enabled_epoch && seen_task_ == point.current)
      return point.current;
    task_index best = point.enabled[0];
    for (const task_index t : point.tasks()) {
      if (priorities_[t] > priorities_[best]) best = t;
    }
    seen_epoch_ = point.enabled_epoch;
    seen_task_ = best;
    return best;
  }

  std::uint32_t depth_;
  std::uint64_t steps_ = 100;
  generator generator_{0};
  generator values_{0};
  fault_chance faults_;
  std::vector<std::uint64_t> priorities_;
  std::vector<change> changes_;
  std::size_t next_change_ = 0;
  std::uint64_t seen_epoch_ = 0;
  task_index seen_task_ = 0;
};

}  // namespace wavetank::sim

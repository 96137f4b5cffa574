// The uniform random walk: each enabled task is as likely to be next as any other.
//
// Guarantee: an execution of n decisions among at most k tasks is hit with probability at least k^-n. It finds what
// many schedules show; it is nearly blind to what needs one task to stay away for long.
#pragma once

#include <wavetank/sim/random.h>
#include <wavetank/sim/strategies/fault_chance.h>
#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

class random_walk final : public strategy {
 public:
  std::string name() const override { return "random"; }

  bool begin(std::uint64_t seed) override {
    schedule_.restart(substream(seed, "schedule"));
    faults_.begin(seed);
    return true;
  }

  transition schedule(const scheduling_point& point) override {
    if (point.fault_count != 0) [[unlikely]] {
      if (const auto fault = faults_.draw(point)) return *fault;
    }
    return transition::run(point.enabled[schedule_.below(point.enabled_count)]);
  }

  std::uint32_t choose(const value_point& point) override {
    return point.kind == decision_kind::fault ? faults_.draw(point) : schedule_.below(point.alternatives);
  }

  void end(std::uint64_t, std::uint32_t) override {}

 private:
  generator schedule_{0};
  fault_chance faults_;
};

}  // namespace wavetank::sim

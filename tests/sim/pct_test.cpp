// PCT hits bugs of depth d at least as often as its paper promises: 1 / (n k^(d-1)).
#include <gtest/gtest.h>

#include <wavetank/sim/strategies/pct.h>
#include <wavetank/sim/strategies/random_walk.h>

#include "programs.h"

namespace wavetank::sim::pct_test {
namespace {

struct hit_rate {
  double rate = 0;
  double bound = 0;
};

/// Runs a program `runs` times, all tasks starting together, and counts the failures.
hit_rate measure(const programs::body& program, std::uint32_t depth, int runs) {
  hit_rate out;
  on_world_thread([&] {
    scheduler s;
    scenario together;
    together.start_barrier = true;
    const std::function<void()> body = [&] {
      world w;
      program(w);
    };
    std::uint64_t steps = 1;
    std::uint32_t tasks = 1;
    random_walk walk;
    for (std::uint64_t i = 0; i < 8; ++i) {
      walk.begin(execution_seed(99, i));
      const auto r = s.execute(walk, together, body);
      steps = std::max(steps, r.steps);
      tasks = std::max(tasks, r.tasks - 1);  // the body only waits
    }
    pct strategy(depth);
    strategy.expect(steps, tasks);
    int failures = 0;
    for (int i = 0; i < runs; ++i) {
      strategy.begin(execution_seed(depth, static_cast<std::uint64_t>(i)));
      failures += s.execute(strategy, together, body).what.failed() ? 1 : 0;
    }
    out.rate = static_cast<double>(failures) / runs;
    out.bound = 1.0 / tasks;
    for (std::uint32_t i = 1; i < depth; ++i) out.bound /= static_cast<double>(steps);
  });
  return out;
}

// A rate at the bound itself would fall below 0.7 of it with a chance of less than 1e-4 at these numbers of runs.
constexpr double slack = 0.7;

TEST(pct, keeps_its_bound_at_depth_1) {
  const auto r = measure(programs::ordering(20), 1, 3'000);
  EXPECT_GE(r.rate, slack * r.bound);
}

TEST(pct, keeps_its_bound_at_depth_2) {
  const auto r = measure(programs::atomicity(20), 2, 20'000);
  EXPECT_GE(r.rate, slack * r.bound);
}

TEST(pct, keeps_its_bound_at_depth_3) {
  const auto r = measure(programs::there_and_back(3), 3, 100'000);
  EXPECT_GE(r.rate, slack * r.bound);
}

TEST(pct, the_ith_change_point_gives_priority_i_whatever_the_order_of_time) {
  // Needs outer > middle > inner at the start (1 of 6), both change points at their one step (two ways), and `middle`
  // to fall to the higher of both priorities although it falls later (half): 1 / (6 k^2), half of the bound of depth 3
  // with three tasks. Where change points order by time it is never found.
  const auto r = measure(programs::lifo(1), 3, 200'000);
  EXPECT_GE(r.rate, slack * r.bound / 2);
}

TEST(pct, depth_1_never_preempts) {
  const auto r = measure(programs::atomicity(3), 1, 5'000);
  EXPECT_EQ(r.rate, 0.0);
}

}  // namespace
}  // namespace wavetank::sim::pct_test

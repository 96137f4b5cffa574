// What a user's own GoogleTest sees of an exploration.
#include <wavetank/props/explore.h>

#include <cstdlib>
#include <string>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "run_command.h"

namespace wavetank::explore_test {
namespace {

/// Traces and replay requests of a test go to and come from a directory of its own.
class exploring : public testing::Test {
 protected:
  exploring() { ::setenv("WAVETANK_TRACES", directory_.path().c_str(), 1); }
  ~exploring() override {
    ::unsetenv("WAVETANK_TRACES");
    ::unsetenv("WAVETANK_REPLAY");
  }
  void replay_the_trace() {
    ASSERT_EQ(directory_.names().size(), 1u);
    ::setenv("WAVETANK_REPLAY", directory_.file(directory_.names().front()).c_str(), 1);
  }

  tools::scratch_directory directory_;
};

void lose_an_update(sim::world& world) {
  sim::atomic<int> x{0};
  for (const char* name : {"a", "b"}) world.spawn(name, [&] { x.store(x.load() + 1); });
  world.join_all();
  EXPECT_EQ(x.load(), 2);
}

void count_exactly(sim::world& world) {
  sim::atomic<int> x{0};
  for (const char* name : {"a", "b"}) world.spawn(name, [&] { x.fetch_add(1); });
  world.join_all();
  EXPECT_EQ(x.load(), 2);
}

void assert_too_much(sim::world& world) {
  sim::atomic<int> x{0};
  world.spawn("a", [&] { x.store(1); });
  world.spawn("b", [&] { ASSERT_EQ(x.load(), 1); });
  world.join_all();
}

TEST_F(exploring, a_small_scenario_that_holds_is_exhausted) {
  const auto r = explore(count_exactly);
  EXPECT_TRUE(r.passed);
  EXPECT_TRUE(r.campaign.exhausted);
  EXPECT_TRUE(directory_.names().empty());
}

TEST_F(exploring, a_failed_expectation_is_reported_once_with_the_line_that_replays_it) {
  testing::TestPartResultArray reports;
  {
    const testing::ScopedFakeTestPartResultReporter catcher(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &reports);
    const auto r = explore(lose_an_update);
    EXPECT_FALSE(r.passed);
  }
  ASSERT_EQ(reports.size(), 1);
  const std::string text = reports.GetTestPartResult(0).message();
  EXPECT_NE(text.find("assertion: "), std::string::npos) << text;
  EXPECT_NE(text.find("x.load()"), std::string::npos) << text;
  EXPECT_NE(text.find("--gtest_filter=exploring.a_failed_expectation_is_reported_once"), std::string::npos) << text;
  EXPECT_NE(text.find("--wavetank_replay=" + directory_.path()), std::string::npos) << text;
}

TEST_F(exploring, an_assertion_that_returns_from_its_task_counts_too) {
  EXPECT_NONFATAL_FAILURE(explore(assert_too_much), "x.load()");
}

TEST_F(exploring, failures_outside_of_executions_are_the_tests_own) {
  EXPECT_NONFATAL_FAILURE(
      {
        explore(count_exactly);
        ADD_FAILURE() << "the test's own";
      },
      "the test's own");
}

TEST_F(exploring, a_trace_is_replayed_by_its_own_exploration_only) {
  EXPECT_NONFATAL_FAILURE(explore(lose_an_update), "assertion");
  replay_the_trace();
  const auto second = explore(count_exactly);
  EXPECT_TRUE(second.passed);
  EXPECT_GT(second.campaign.executions, 1u) << "the second exploration is not the one of the trace";
}

/// The trace of a failing exploration, as if it belonged to the exploration `name`.
std::string trace_for(const std::string& name) {
  const auto r = explore_quietly(
      [](sim::world& world) {
        sim::atomic<int> x{0};
        for (const char* task : {"a", "b"}) world.spawn(task, [&] { x.store(x.load() + 1); });
        world.join_all();
        world.require(x.load() == 2, "both counted");
      },
      {}, name);
  return r.failure ? sim::to_text(r.failure->smallest) : "";
}

TEST_F(exploring, a_requested_replay_runs_one_execution) {
  directory_.write("t", trace_for("exploring.a_requested_replay_runs_one_execution"));
  replay_the_trace();
  explore_result r;
  EXPECT_NONFATAL_FAILURE(r = explore(lose_an_update), "replayed: assertion");
  EXPECT_EQ(r.campaign.executions, 1u);
}

TEST_F(exploring, a_replay_in_a_program_that_has_changed_says_diverged) {
  directory_.write("t", trace_for("exploring.a_replay_in_a_program_that_has_changed_says_diverged"));
  replay_the_trace();
  EXPECT_NONFATAL_FAILURE(explore(count_exactly), "diverged");
}

TEST_F(exploring, a_damaged_trace_fails_the_test_with_its_line) {
  directory_.write("t", "wavetank-trace 1\nproperty x\nsede 1\n");
  replay_the_trace();
  EXPECT_NONFATAL_FAILURE(explore(count_exactly), "t:3: 'seed NUMBER'");
}

TEST_F(exploring, a_strategy_that_is_none_fails_the_test) {
  explore_options options;
  options.strategy = "luck";
  EXPECT_NONFATAL_FAILURE(explore(count_exactly, options), "'luck' is no strategy");
}

TEST(explore_quietly, samples_what_it_cannot_exhaust) {
  explore_options options;
  options.schedules = 100;
  const auto r = explore_quietly(
      [](sim::world& world) {
        sim::atomic<int> x{0};
        for (const char* name : {"a", "b", "c"}) {
          world.spawn(name, [&] {
            for (int i = 0; i < 8; ++i) x.fetch_add(1);
          });
        }
        world.join_all();
      },
      options);
  EXPECT_FALSE(r.exhausted);
  EXPECT_EQ(r.executions, 100u);
}

}  // namespace
}  // namespace wavetank::explore_test

// Scenarios in the simulated world: every schedule of a small one, many of a larger one.
#pragma once

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <functional>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests {

inline void expect_holds_always(const std::function<void(sim::world&)>& body, std::uint64_t at_most = 400'000) {
  sim::campaign_options options;
  options.strategy = "exhaustive";
  options.schedules = at_most;
  const auto r = sim::run_campaign(sim::scenario_property("buffer", body), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
  EXPECT_TRUE(r.exhausted) << "not every schedule was run";
  ::testing::Test::RecordProperty("executions", std::to_string(r.executions));
}

inline void expect_holds(const std::function<void(sim::world&)>& body, sim::scenario budget = {},
                         std::uint64_t schedules = 3'000) {
  sim::campaign_options options;
  options.schedules = schedules;
  const auto r = sim::run_campaign(sim::scenario_property("buffer", body, budget), options);
  ASSERT_FALSE(r.failure) << to_string(r.failure->what.kind) << ": " << r.failure->what.message << '\n'
                          << r.failure->told;
}

}  // namespace wavetank::buffer_tests

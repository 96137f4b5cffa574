// The worlds that have to behave alike. One suite runs on each: what a test says of the runtime holds everywhere.
#pragma once

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>
#include <wavetank/tests/conformance/production_worlds.h>

#include <gtest/gtest.h>

namespace wavetank::conformance {

/// The simulated world: what holds, holds on every one of some schedules.
struct simulated_world {
  using runtime = sim::runtime;
  template <class Body>
  static void run(Body body) {
    sim::campaign_options options;
    options.schedules = 64;
    const auto result =
        sim::run_campaign(sim::scenario_property("conformance", [&](sim::world& w) { body(w.runtime()); }), options);
    if (result.failure)
      ADD_FAILURE() << to_string(result.failure->what.kind) << ": " << result.failure->what.message << "\n"
                    << result.failure->told;
  }
};

using worlds = ::testing::Types<production_world<thread_runtime>, production_world<fiber_runtime>, simulated_world>;

}  // namespace wavetank::conformance

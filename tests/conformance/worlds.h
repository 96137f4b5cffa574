// The worlds that have to behave alike. One suite runs on each: what a test says of the runtime holds everywhere.
//
// A world is a type with `runtime` and `run(body)`, which calls `body(runtime&)` inside the world and returns when it
// is over. Bodies use nothing but the runtime to wait, so that they run under any scheduler, and judge no durations but
// "not before".
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/fiber/fiber_runtime.h>
#include <wavetank/impl/runtime/log.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <string>

#include <gtest/gtest.h>

namespace wavetank::conformance {

/// A production world: its runtime needs nothing around it.
template <class Runtime>
struct production_world {
  using runtime = Runtime;
  template <class Body>
  static void run(Body body) {
    Runtime world{discarding_log()};
    body(world);
  }
};

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

struct world_names {
  template <class World>
  static std::string GetName(int) {
    if constexpr (std::is_same_v<typename World::runtime, thread_runtime>) return "threads";
    if constexpr (std::is_same_v<typename World::runtime, fiber_runtime>) return "fibers";
    return "simulated";
  }
};

}  // namespace wavetank::conformance

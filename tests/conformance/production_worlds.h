// The production worlds, as typed tests take them.
//
// A world is a type with `runtime` and `run(body)`, which calls `body(runtime&)` inside the world and returns when it
// is over. Bodies use nothing but the runtime to wait, so that they run under any scheduler, and judge no durations but
// "not before".
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/fiber/fiber_runtime.h>
#include <wavetank/impl/runtime/log.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

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

using production_worlds = ::testing::Types<production_world<thread_runtime>, production_world<fiber_runtime>>;

struct world_names {
  template <class World>
  static std::string GetName(int) {
    if constexpr (std::is_same_v<typename World::runtime, thread_runtime>) return "threads";
    if constexpr (std::is_same_v<typename World::runtime, fiber_runtime>) return "fibers";
    return "simulated";
  }
};

}  // namespace wavetank::conformance

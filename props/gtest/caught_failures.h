// EXPECT_* and ASSERT_* inside an execution are the execution's failures, not the test's.
#pragma once

#include <functional>

#include <wavetank/sim/world.h>

namespace wavetank::gtest {

/// The scenario, with failures of GoogleTest on its thread turned into the verdict `assertion`: the first one in an
/// execution ends it. Threads of no world are not concerned.
std::function<void(sim::world&)> catching_failures(std::function<void(sim::world&)> scenario);

}  // namespace wavetank::gtest

// Virtual time: it passes when nothing else can happen, or when the world decides that a timer overtakes ready tasks.
#pragma once

#include <chrono>
#include <cstdint>

namespace wavetank::sim {

/// The clock of a simulated world. It has no `now()`: time belongs to a world, not to the process.
struct clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<clock, duration>;
  static constexpr bool is_steady = true;
};

using time_point = clock::time_point;
using duration = clock::duration;

}  // namespace wavetank::sim

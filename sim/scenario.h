// What an execution may do to its tasks. Drawn before it starts and printed first, so that a reader knows the scenario.
#pragma once

#include <cstdint>
#include <string>

namespace wavetank::sim {

/// Fault budgets and bounds of one execution; a budget of 0 means that this fault cannot happen. All counts.
struct scenario {
  /// Tasks that the body spawns start together, when the body first blocks. Without it a body that spawns one task
  /// after the other makes a random walk nearly blind: the early tasks have run far before the late ones exist.
  bool start_barrier = false;
  /// Deaths of tasks at their suspensions and named points.
  std::uint32_t kills = 0;
  /// Waits that wake for nothing. Drawn as 0 half of the time: at a constant rate they hide lost wakeups.
  std::uint32_t spurious_wakeups = 0;
  /// Timers that fire while other tasks could still run. (Where no task can run, the next timer always fires.)
  std::uint32_t early_timers = 0;
  /// Weak compare-exchanges that fail although the value matches.
  std::uint32_t weak_failures = 0;
  /// Visible operations before the end game: from then on the tasks run in turn, and after as many again it is a
  /// livelock.
  std::uint64_t max_steps = 20'000;

  friend bool operator==(const scenario&, const scenario&) = default;
};

/// `barrier=1 kills=2 ...`, in the order of the fields.
std::string to_string(const scenario& s);

}  // namespace wavetank::sim

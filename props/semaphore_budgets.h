// The faults that the semaphores promise to survive, as their properties draw them.
#pragma once

#include <wavetank/sim/scenario.h>

namespace wavetank::props {

/// Randomized runs: two deaths at most, so that survivors stay to be harmed; timers that overtake work; waits that wake
/// for nothing; weak compare-exchanges that fail.
inline sim::scenario semaphore_faults() {
  sim::scenario budget;
  budget.kills = 2;
  budget.early_timers = 4;
  budget.spurious_wakeups = 2;
  budget.weak_failures = 2;
  return budget;
}

/// Exhausted scopes: one death anywhere, and every time-out that can be.
inline sim::scenario one_death_and_all_time_outs() {
  sim::scenario budget;
  budget.kills = 1;
  budget.early_timers = 1'000;
  return budget;
}

}  // namespace wavetank::props

// Instants of a lockstep run, chosen so that no two things come at one instant of themselves.
//
// What begins at one instant is told apart by the nanoseconds within its microsecond: a call's number, its deadline's,
// a commit's. Windows are whole milliseconds, so that their ends have the nanoseconds of the call that opened them.
#pragma once

#include <chrono>
#include <cstdint>

#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>

namespace wavetank::props {

/// Of one run.
class lockstep_moments {
 public:
  /// When the next call may come: soon.
  sim::time_point next_call() {
    sim::require(++calls_ < most_calls, "a program has too many steps to tell them apart");
    return this_moment() + moment + std::chrono::nanoseconds(calls_);
  }
  /// A deadline of the call that comes now.
  sim::time_point deadline_in(std::chrono::milliseconds patience) const {
    return this_moment() + patience + std::chrono::nanoseconds(most_calls + calls_);
  }
  /// When a commit ends that begins now.
  sim::time_point commit_ends_in(std::chrono::milliseconds takes) {
    sim::require(++commits_ < most_commits, "a program has too many commits to tell them apart");
    return this_moment() + moment + takes + std::chrono::nanoseconds(2 * most_calls + commits_);
  }

 private:
  static constexpr std::chrono::nanoseconds moment{1'000};
  static constexpr std::uint64_t most_calls = 400;
  static constexpr std::uint64_t most_commits = 200;

  static sim::time_point this_moment() { return clock_now() - clock_now().time_since_epoch() % moment; }

  std::uint64_t calls_ = 0;
  std::uint64_t commits_ = 0;
};

}  // namespace wavetank::props

// How an execution ended.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wavetank::sim {

enum class verdict_kind : std::uint8_t {
  passed,
  assertion,        // an assertion of the test or of the component did not hold
  exception,        // an exception left a task and nobody joined it
  deadlock,         // tasks wait for each other in a cycle, or for what has ended
  lost_wakeup,      // a task waits for a notification that nobody is left to give
  livelock,         // still running after the step bound and a fair end game
  leaked_task,      // the scenario ended and left a task running
  leaked_resource,  // a permit, reservation or descriptor outlived its owner (judged by properties)
  data_race,        // two unordered accesses to a plain variable, one of them a write
  misuse,           // a lock, wait or join used against its contract
  forbidden_call,   // a simulated task reached for the real clock, entropy or a thread
  terminated,       // std::terminate was called
  not_linearizable,
  nondeterminism,  // two runs of the same decisions differ
  diverged,        // a strict replay met a decision that its trace does not have
};

std::string_view to_string(verdict_kind kind) noexcept;

/// The kind that `text` names, or `passed` with `ok` false.
verdict_kind verdict_kind_from(std::string_view text, bool& ok) noexcept;

struct verdict {
  verdict_kind kind = verdict_kind::passed;
  std::string message;

  bool failed() const noexcept { return kind != verdict_kind::passed; }
};

}  // namespace wavetank::sim

// Words that all models of blocking components share: who calls, which call, how long it waits.
#pragma once

#include <cstdint>

namespace wavetank::model {

/// A task: whoever records a run numbers them; never reused, so that a death means one task.
using task_number = std::uint64_t;

/// One call that asks for a permit, and the permit that it may get: a permit is named by the call that got it. Never
/// reused, so that a stale handle is told from a fresh one.
using call_number = std::uint64_t;

/// How long a call is ready to wait.
enum class patience : std::uint8_t {
  one_attempt,     ///< a zero time-out, or a deadline that had passed when the call began
  until_deadline,  ///< a deadline ahead: `time_out` may withdraw the call
  forever,         ///< no deadline
};

}  // namespace wavetank::model

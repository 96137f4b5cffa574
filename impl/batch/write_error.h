// Why a write has no result: what a caller may conclude, and from what.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace wavetank {

/// What is known of the write. Only `unknown_outcome` leaves open whether it happened; all others say that it did not
/// and will not.
enum class write_problem : std::uint8_t {
  too_large,        ///< it could never fit
  overloaded,       ///< it does not fit now; try again after `retry_after`
  shutting_down,    ///< the batcher takes nothing more
  not_committed,    ///< it was accepted and withdrawn, or the backend refused it
  unknown_outcome,  ///< its commit was submitted and nobody heard the answer
};

enum class write_cause : std::uint8_t {
  none,
  deadline,   ///< the request's deadline came
  stopped,    ///< `stop` came to its deadline
  destroyed,  ///< the batcher was destroyed
  backend,    ///< the backend said so; see `text`
  task_died,  ///< the task that ran the commit ended in it
};

struct write_error {
  write_problem what = write_problem::not_committed;
  write_cause cause = write_cause::none;
  std::chrono::nanoseconds retry_after{0};  ///< of `overloaded`
  std::uint64_t limit = 0;                  ///< of `too_large`
  std::uint64_t asked = 0;
  std::string text{};  ///< the backend's words
  friend bool operator==(const write_error&, const write_error&) = default;
};

/// For people: "not committed: its deadline came".
std::string to_string(const write_error& error);

}  // namespace wavetank

// A run as text: line by line, diffable, small, and untrusted when it is read.
//
//   wavetank-trace 1
//   property semaphore.counting.concurrent
//   seed 5821
//   strategy pct(3)
//   scenario barrier=1 kills=1 spurious=0 early_timers=2 weak_failures=0 max_steps=20000
//   expect lost_wakeup B waits for a notification that nobody is left to give
//   command A acquire 1
//   decisions 14
//   = 11                                       eleven times the calmest choice
//   run B 2 of 3 at A/lock/mutex/2 5a3f90c1e77b0f12
//   hash 90d1c1e2a3b4c5d6 steps 57
//   end 12 6f1e0c9d2b3a4857                     lines before this one, and their checksum
//
// The decisions are run-length coded: `= n` stands for n decisions answered with the calmest choice; the others carry
// their label and the hash of the execution before them, by which strict replay finds the first difference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include <wavetank/sim/scenario.h>
#include <wavetank/sim/strategies/recording.h>
#include <wavetank/sim/strategies/replay.h>
#include <wavetank/sim/verdict.h>

namespace wavetank::sim {

struct trace {
  std::string property;
  std::uint64_t seed = 0;
  std::string strategy;
  scenario bounds;
  verdict expected;
  std::vector<std::string> commands;
  std::vector<strict_replay::expected> decisions;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
};

/// What is wrong with a trace: the line, counted from 1, and a sentence.
struct trace_error {
  std::size_t line = 0;
  std::string message;
};

inline constexpr int trace_format = 1;
/// A larger file is refused before it is read: a shrunk trace has some hundred lines.
inline constexpr std::size_t max_trace_bytes = 64u << 20;
/// Decisions in a trace, run-length coding expanded. In memory each takes some 200 bytes, and ten bytes of a hostile
/// file announce any number of them.
inline constexpr std::size_t max_trace_decisions = 1'000'000;

std::string to_text(const trace& t);

/// Never trusts what it reads: every count is bounded before it is used. With `altered` a wrong checksum is no error,
/// for traces edited by hand.
tl::expected<trace, trace_error> parse_trace(std::string_view text, bool altered = false);

/// The decisions of an execution in the form that traces keep and strict replay takes.
std::vector<strict_replay::expected> as_expected(const std::vector<labelled_decision>& decisions);
std::vector<labelled_decision> as_labelled(const std::vector<strict_replay::expected>& decisions);

}  // namespace wavetank::sim

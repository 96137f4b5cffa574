// What the model checker found, as plain values and as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wavetank::model {

/// How far a check may go before it gives up undecided. Counted, not timed, so that the same input has the same answer.
struct check_budget {
  std::size_t states = 20'000'000;
  std::size_t memory_bytes = std::size_t{4} << 30U;
};

enum class check_verdict : std::uint8_t {
  holds,      ///< every reachable state was visited; every property holds
  violated,   ///< a property fails; see the violation
  undecided,  ///< the budget ended first; nothing was violated until then
};

enum class violation_kind : std::uint8_t { invariant, step_invariant, deadlock, unreachable };

/// One step of a counterexample.
struct story_line {
  std::string command;
  std::string response;
  std::string state;
  friend bool operator==(const story_line&, const story_line&) = default;
};

/// A property that fails, and a shortest run from the initial state that shows it: no shorter run violates any property
/// of its kind. What is unreachable has no run.
struct violation {
  violation_kind kind;
  std::string property;
  std::string first_state;
  std::vector<story_line> story;
};

/// How often something that must be possible was seen, and after how many steps first.
struct landmark {
  std::string name;
  std::uint64_t hits = 0;
  std::uint64_t first_depth = 0;
};

struct check_report {
  check_verdict verdict = check_verdict::undecided;
  std::uint64_t states = 0;       ///< distinct states visited
  std::uint64_t transitions = 0;  ///< (state, command, response, state) followed
  std::uint64_t resting = 0;      ///< states that may rest
  std::uint64_t depth = 0;        ///< steps to the farthest state
  std::size_t memory_bytes = 0;   ///< peak of visited set and frontier
  std::vector<std::string> invariants;
  std::vector<std::string> step_invariants;
  std::vector<landmark> landmarks;
  std::optional<violation> failure;
  std::string gave_up_because;  ///< of an undecided check
};

/// The whole report for people, deterministic, ending in a newline.
std::string to_text(const check_report& report);

/// A violation alone.
std::string to_text(const violation& failure);

}  // namespace wavetank::model

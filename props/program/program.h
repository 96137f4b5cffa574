// A generated test as a value: what main does first, then what the tasks do side by side.
//
// Text: a line for the settings that are not calm, then a line for each step. `a acquire #1 weight=2`: the first task
// (`main`, `a`, `b`, ...), the verb, the label of its result, the operands that are not calm. A program is total:
// whatever a step refers to may be missing when it runs. Text comes from traces and is untrusted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include <wavetank/props/program/vocabulary.h>

namespace wavetank::props {

/// One command with its operands, in the order of the vocabulary.
struct step {
  std::uint32_t verb = 0;
  std::uint32_t result = 0;  ///< the label of what it yields; 0: nothing
  std::array<std::uint64_t, most_operands> operands{};

  friend bool operator==(const step&, const step&) = default;
};

struct program {
  std::array<std::uint64_t, most_operands> settings{};
  std::vector<step> prefix;                 ///< of main, before the tasks start
  std::vector<std::vector<step>> branches;  ///< one a task

  friend bool operator==(const program&, const program&) = default;
};

inline constexpr std::size_t most_lines = 1024;
inline constexpr std::uint32_t most_results = 9999;
inline constexpr std::uint32_t most_tasks_of_a_program = 8;

/// The program with everything calm and nothing to do.
program empty_program(const vocabulary& words);

/// `main` for 0, `a` for 1, ...
std::string task_name(std::uint64_t task);

/// One step, without its task: `acquire #1 weight=2`.
std::string to_string(const step& s, const vocabulary& words);

/// The whole program, a line an entry; `parse_program` reads it back.
std::vector<std::string> to_lines(const program& p, const vocabulary& words);

/// The program of these lines, or what is wrong with which line.
tl::expected<program, std::string> parse_program(std::span<const std::string> lines, const vocabulary& words);

/// Branches at the end that do nothing and that no step names are left away.
void drop_unused_branches(program& p, const vocabulary& words);

}  // namespace wavetank::props

// The words of generated programs: the verbs of one component with their operands.
//
// A program's text, its parser, its generator and its shrinker all read this one table, so that a component's property
// says its verbs once. A value; made when the program starts, then only read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace wavetank::props {

/// What a number in a program stands for.
enum class operand_kind : std::uint8_t {
  number,
  reference,  ///< the result of the step with this label; one that does not exist is skipped when the program runs
  task,       ///< 0 is main, 1 the first branch
};

/// One operand of a verb, or one setting of a program.
struct operand {
  std::string_view name;
  operand_kind kind = operand_kind::number;
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::uint64_t calm = 0;   ///< the simplest value: not written, and what shrinking tries first
  std::uint64_t usual = 0;  ///< generated above this only now and then; 0: all values alike
};

inline constexpr std::size_t most_operands = 10;

struct verb {
  std::string_view name;
  bool yields_result = false;  ///< its result gets a label, by which later steps refer to it
  std::uint32_t frequency = 1;
  std::vector<operand> operands{};
};

struct vocabulary {
  std::vector<operand> settings;  ///< of the whole program
  std::vector<verb> verbs;
  std::uint32_t least_branches = 0;  ///< that generated programs have
  std::uint32_t most_branches = 0;
  std::uint32_t most_generated_steps = 6;  ///< of a branch, at the largest size

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const {
    for (std::uint32_t i = 0; i < verbs.size(); ++i) {
      if (verbs[i].name == name) return i;
    }
    return std::nullopt;
  }
};

}  // namespace wavetank::props

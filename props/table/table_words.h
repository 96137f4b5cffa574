// The reservation table's verbs in generated programs.
#pragma once

#include <cstdint>

#include <wavetank/props/program/vocabulary.h>

namespace wavetank::props {

inline constexpr std::uint64_t table_keys = 2;

/// Positions in the vocabulary.
enum class table_verb : std::uint32_t {
  save,
  reserve,
  check,
  link,
  mark,
  announce,
  cancel,
  put,
  checkout,
  checkin,
  corrupt,
  lookup,
  wait,
  evict,
  gc,
  sweep,
  sleep,
  fail,
};

/// The verbs, for programs of `least` to `most` tasks with about so many steps each.
vocabulary table_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

}  // namespace wavetank::props

// The reservation table's verbs in generated programs.
#pragma once

#include <cstdint>

#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/props/program/vocabulary.h>

namespace wavetank::props {

inline constexpr std::uint64_t table_keys = 2;

/// Where a key's files are: each has its own tier.
constexpr cache_tier file_tier_of(std::uint64_t key) noexcept {
  return key % 2 == 1 ? cache_tier::ram_file : cache_tier::disk;
}

/// Positions in the vocabulary.
enum class table_verb : std::uint32_t {
  save,
  reserve,
  check,
  link,
  mark,
  announce,
  cancel,
  abandon,
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

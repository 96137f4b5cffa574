// The verbs of generated programs about the order of rows, their bytes and quotas.
#pragma once

#include <cstdint>

#include <wavetank/props/program/vocabulary.h>

namespace wavetank::props {

inline constexpr std::uint64_t index_keys = 4;

/// Positions in the vocabulary.
enum class index_verb : std::uint32_t {
  save,
  put,
  checkout,
  checkin,
  lookup,
  evict_bytes,
  gc,
  retry,
  bytes,
  sleep,
  jump_back,
  fail,
};

vocabulary index_words();

}  // namespace wavetank::props

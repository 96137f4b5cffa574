// The words of programs that save to a cache on a disk that may fail.
#pragma once

#include <wavetank/props/program/vocabulary.h>

namespace wavetank::props {

/// The settings of such a program, in the order of its vocabulary.
struct durable_cache_setting {
  enum index : std::size_t { mode, deaths, fault, rename, kills_first, rivals, litter, disk, sweeper };
};

/// Verbs, in the order of the vocabulary.
enum class durable_cache_verb : std::uint32_t { save, load, evict, gc, sweep, sleep };

vocabulary durable_cache_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

}  // namespace wavetank::props

// The crash states of a disk: what a power loss at this moment can leave.
#pragma once

#include <cstdint>
#include <functional>

#include <wavetank/sim/disk/disk.h>

namespace wavetank::sim::disk {

struct crash_limits {
  /// Up to so many allowed subsets every one is taken; beyond, samples.
  std::uint64_t exhaustive_up_to = std::uint64_t{1} << 16;
  /// Beyond: none, all, each operation missing, each alone, every prefix, and so many at random.
  std::uint32_t samples = 4096;
  std::uint64_t seed = 0;
};

/// How much was seen of how much.
struct crash_summary {
  std::uint64_t subsets = 0;  ///< subsets of the free operations that were looked at
  std::uint64_t states = 0;   ///< different trees among them
  long double possible = 0;   ///< subsets that are allowed
  bool exhaustive = false;    ///< all of them were looked at
};

/// Calls `visit` with each different tree that a power loss can leave, as the disk that a restarted machine finds.
/// Subsets that leave the same tree, by its 64-bit hash, are visited once. The order is the same in every run.
crash_summary for_each_crash_state(const disk& before, const crash_limits& limits,
                                   const std::function<void(disk after)>& visit);

}  // namespace wavetank::sim::disk

// Crash states of a disk with too many to take them all: the corners, and some between them.
#pragma once

#include <functional>

#include <wavetank/sim/disk/crash_states.h>

namespace wavetank::sim::disk {

/// None, all, each operation alone, each missing, every prefix, and `limits.samples` at random, few, half or most of
/// the operations surviving; only those that the mode allows. Does not fill `possible`.
crash_summary sample_crash_states(const disk& before, const crash_limits& limits,
                                  const std::function<void(disk)>& visit);

}  // namespace wavetank::sim::disk

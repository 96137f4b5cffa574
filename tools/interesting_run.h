// Passing runs worth keeping: the corpus of traces holds some, so that a change of the world's behaviour is noticed.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include <wavetank/sim/property.h>
#include <wavetank/sim/trace.h>

namespace wavetank::tools {

/// Of the first `runs` random walks of the property, the passing one with the most kinds of faults in it (deaths, early
/// timers, spurious wakeups), the shortest of those. Nothing if none passed.
std::optional<sim::trace> most_interesting_run(const sim::property& p, std::uint64_t seed, std::uint64_t runs,
                                               const std::atomic<bool>& stop);

}  // namespace wavetank::tools

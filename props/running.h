// What the code of a property asks of the execution that it runs in, and tells it.
#pragma once

#include <string_view>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

/// A landmark of this execution, counted by its campaign.
inline void reached(std::string_view what) { sim::scheduler::here().reached(what); }

inline sim::time_point clock_now() { return sim::scheduler::here().now(); }

}  // namespace wavetank::props

// The property that the demonstration's semaphore breaks.
#pragma once

#include <wavetank/sim/property.h>

namespace wavetank::tools::demo {

/// `demo.raised_limit`: whoever waits gets in once the limit has room for all. It fails, with a lost wakeup.
const sim::property& raised_limit_property();

}  // namespace wavetank::tools::demo

// Ctrl-C and SIGTERM as a wish to stop soon.
#pragma once

#include <atomic>

namespace wavetank::tools {

/// Becomes true at the first SIGINT or SIGTERM after this call; a second one ends the process at once.
const std::atomic<bool>& stop_on_signals();

}  // namespace wavetank::tools

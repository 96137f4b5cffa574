#include <wavetank/sim/scenario.h>

namespace wavetank::sim {

std::string to_string(const scenario& s) {
  return "barrier=" + std::to_string(s.start_barrier ? 1 : 0) + " kills=" + std::to_string(s.kills) +
         " spurious=" + std::to_string(s.spurious_wakeups) + " early_timers=" + std::to_string(s.early_timers) +
         " weak_failures=" + std::to_string(s.weak_failures) + " max_steps=" + std::to_string(s.max_steps);
}

}  // namespace wavetank::sim

#include <wavetank/tools/stop_signal.h>

#include <csignal>

namespace wavetank::tools {

namespace {

std::atomic<bool> asked_to_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch it");

extern "C" void ask_to_stop(int) { asked_to_stop.store(true, std::memory_order_relaxed); }

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return asked_to_stop;
}

}  // namespace wavetank::tools

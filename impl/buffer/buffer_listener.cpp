#include <wavetank/impl/buffer/buffer_listener.h>

namespace wavetank {

std::string_view to_string(drop_reason reason) noexcept {
  switch (reason) {
    case drop_reason::newest:
      return "newest";
    case drop_reason::oldest:
      return "oldest";
    case drop_reason::rejected:
      return "rejected";
  }
  return "unknown";
}

std::string_view to_string(processing_failure reason) noexcept {
  switch (reason) {
    case processing_failure::threw:
      return "threw";
    case processing_failure::timed_out:
      return "timed out";
    case processing_failure::task_died:
      return "its task died";
    case processing_failure::stopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace wavetank

#include <wavetank/impl/runtime/task_outcome.h>

namespace wavetank {
namespace {

std::string what_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace

void task_outcome::report(log_sink& log) noexcept {
  if (!failure_) return;
  try {
    log.write(log_level::error,
              "task '" + task_name_ + "' was ended by an exception and nobody joined it: " + what_of(failure_));
  } catch (...) {
    log.write(log_level::error, "a task was ended by an exception and nobody joined it");
  }
  failure_ = nullptr;
}

}  // namespace wavetank

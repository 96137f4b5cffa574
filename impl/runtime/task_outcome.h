// How a spawned task ended, kept for who joins it: shared by the join handles of the production worlds.
#pragma once

#include <wavetank/impl/runtime/log.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace wavetank {

/// Filled in by the task, read after it was joined; the join orders the two.
class task_outcome {
 public:
  explicit task_outcome(std::string_view task_name) : task_name_(task_name) {}

  /// Runs `function` and keeps the exception that escapes it.
  template <class F>
  void run(F& function) noexcept {
    try {
      function();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

  /// Rethrows the exception that ended the task, once.
  void rethrow() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  /// Nobody will join: an exception that nobody has seen goes to the log.
  void report(log_sink& log) noexcept;

 private:
  std::string task_name_;
  std::exception_ptr failure_;
};

}  // namespace wavetank

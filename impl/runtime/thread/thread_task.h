// The join handle of a spawned thread.
#pragma once

#include <wavetank/impl/runtime/task_outcome.h>
#include <wavetank/impl/runtime/thread/this_thread_task.h>

#include <memory>
#include <string_view>
#include <thread>
#include <utility>

namespace wavetank {

/// `runtime` concept, `R::task`. Move-only; joins on destruction. Not for use by several tasks at once.
class thread_task {
 public:
  thread_task() = default;
  /// Throws `std::system_error` if the system has no thread to give.
  template <class F>
  thread_task(log_sink& log, std::string_view name, F function)
      : log_(&log), outcome_(std::make_unique<task_outcome>(name)) {
    auto context = std::make_unique<task_context>(name);
    id_ = context->id();
    thread_ =
        std::thread([context = std::move(context), outcome = outcome_.get(), function = std::move(function)]() mutable {
          thread_world::adopt(std::move(context));
          outcome->run(function);
        });
  }
  thread_task(thread_task&& other) noexcept = default;
  thread_task& operator=(thread_task&& other) noexcept {
    if (this == &other) return *this;
    finish();
    log_ = other.log_;
    id_ = std::exchange(other.id_, {});
    outcome_ = std::move(other.outcome_);
    thread_ = std::move(other.thread_);
    return *this;
  }
  ~thread_task() { finish(); }

  task_id id() const noexcept { return id_; }
  bool joinable() const noexcept { return thread_.joinable(); }

  /// Returns when the task is dead and its notices have run; rethrows the exception that ended it.
  void join() {
    thread_.join();
    outcome_->rethrow();
  }

 private:
  void finish() noexcept {
    if (!thread_.joinable()) return;
    thread_.join();
    outcome_->report(*log_);
  }

  log_sink* log_ = nullptr;
  task_id id_;
  std::unique_ptr<task_outcome> outcome_;
  std::thread thread_;
};

}  // namespace wavetank

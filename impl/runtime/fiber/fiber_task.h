// The join handle of a spawned fiber.
#pragma once

#include <wavetank/impl/runtime/fiber/this_fiber_task.h>
#include <wavetank/impl/runtime/task_outcome.h>

#include <memory>
#include <string_view>
#include <utility>

#include <boost/fiber/fiber.hpp>

namespace wavetank {

/// `runtime` concept, `R::task`. Move-only; joins on destruction. Not for use by several tasks at once.
class fiber_task {
 public:
  fiber_task() = default;
  template <class F>
  fiber_task(log_sink& log, std::string_view name, F function)
      : log_(&log), outcome_(std::make_unique<task_outcome>(name)) {
    auto context = std::make_unique<task_context>(name);
    id_ = context->id();
    fiber_ = boost::fibers::fiber(
        [context = std::move(context), outcome = outcome_.get(), function = std::move(function)]() mutable {
          fiber_world::run_as(std::move(context), [&] {
            // Destroyed before the death, as a thread's function is.
            auto body = std::move(function);
            outcome->run(body);
          });
        });
  }
  fiber_task(fiber_task&& other) noexcept = default;
  fiber_task& operator=(fiber_task&& other) noexcept {
    if (this == &other) return *this;
    finish();
    log_ = other.log_;
    id_ = std::exchange(other.id_, {});
    outcome_ = std::move(other.outcome_);
    fiber_ = std::move(other.fiber_);
    return *this;
  }
  ~fiber_task() { finish(); }

  task_id id() const noexcept { return id_; }
  bool joinable() const noexcept { return fiber_.joinable(); }

  /// Returns when the task is dead and its notices have run; rethrows the exception that ended it.
  void join() {
    fiber_.join();
    outcome_->rethrow();
  }

 private:
  void finish() noexcept {
    if (!fiber_.joinable()) return;
    fiber_.join();
    outcome_->report(*log_);
  }

  log_sink* log_ = nullptr;
  task_id id_;
  std::unique_ptr<task_outcome> outcome_;
  boost::fibers::fiber fiber_;
};

}  // namespace wavetank

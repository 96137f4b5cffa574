// Which task the current fiber is.
#pragma once

#include <wavetank/impl/runtime/task_context.h>

#include <memory>
#include <utility>

namespace wavetank::fiber_world {

/// The task of this fiber, or nullptr before its first use.
task_context* this_fiber_task() noexcept;

/// Makes a fiber that was not spawned by the runtime a task, if it is none.
task_context& current();

/// The two halves of `run_as`.
void adopt(task_context& task);
void end(std::unique_ptr<task_context> task) noexcept;

/// Runs `body` as the task `task` on this fiber, then the task's death.
template <class F>
void run_as(std::unique_ptr<task_context> task, F&& body) {
  adopt(*task);
  body();
  end(std::move(task));
}

}  // namespace wavetank::fiber_world

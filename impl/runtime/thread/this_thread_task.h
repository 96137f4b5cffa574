// Which task the current thread is.
#pragma once

#include <wavetank/impl/runtime/task_context.h>

#include <memory>

namespace wavetank::thread_world {

/// The task of this thread, or nullptr before its first use. `constinit` on the declaration spares each use the check
/// whether the variable was initialised.
extern constinit thread_local task_context* this_thread_task;

/// Makes this thread the task `task`, which then dies with the thread: after its `thread_local` objects, by a POSIX
/// thread-specific destructor (glibc and musl run those last).
void adopt(std::unique_ptr<task_context> task);

/// Makes this thread a task if it is none.
task_context& enter();

inline task_context& current() {
  if (task_context* task = this_thread_task) [[likely]]
    return *task;
  return enter();
}

}  // namespace wavetank::thread_world

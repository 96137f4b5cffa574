// A process of a simulated world: tasks with memory of their own, which can die all at once without a word.
#pragma once

#include <string_view>
#include <utility>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

/// The handle of a process. The process goes on when its handle is destroyed. Used by the harness, that is by tasks
/// that are of no process; the memory of a process is what its body and the tasks that it spawns own.
class process {
 public:
  process() noexcept = default;

  /// Starts a process whose first task runs `body`. When `body` returns, its other tasks are killed, as by exit(). The
  /// first task dies with its process and not by itself, where a scenario kills tasks.
  template <class F>
  process(std::string_view name, F&& body) : number_(scheduler::here().new_process()) {
    first_ = &scheduler::here().spawn_in(number_, name, [f = std::forward<F>(body), number = number_]() mutable {
      scheduler::here().self().dies_with_process = true;
      f();
      if (scheduler::here().may_kill()) scheduler::here().kill_process(number);
    });
  }

  process_index number() const noexcept { return number_; }
  bool running() const { return first_ != nullptr && !scheduler::here().finished(*first_); }

  /// None of its tasks takes another visible step: no destructor, no death notice, no wake-up that others could see.
  void kill() {
    if (scheduler::here().may_kill()) scheduler::here().kill_process(number_);
  }
  /// Waits for the end of its first task.
  void wait() { scheduler::here().join(*first_); }

 private:
  process_index number_ = 0;
  task* first_ = nullptr;
};

}  // namespace wavetank::sim

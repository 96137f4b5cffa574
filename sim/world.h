// A simulated world as a scenario sees it: the runtime that components are given, tasks, and what must hold.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <wavetank/sim/assertion.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::sim {

/// One execution's world, passed to the scenario's body. The body is itself a task, `main`, which is never killed.
class world {
 public:
  /// What components are constructed with.
  sim::runtime& runtime() noexcept { return runtime_; }

  /// Starts a task that `join_all` waits for. An exception that leaves it fails the execution.
  template <class F>
  task_id spawn(std::string_view name, F&& function) {
    return scheduler::here().spawn(name, std::forward<F>(function)).identity;
  }

  /// Waits for the end of every task spawned so far.
  void join_all() { scheduler::here().join_all(); }

  /// Fails the execution with the verdict `assertion` unless `holds`.
  void require(bool holds, std::string_view what) {
    if (!holds) scheduler::here().fail_and_unwind(verdict_kind::assertion, std::string(what));
  }

  /// A condition that must hold after every visible operation of any task. It is evaluated unobserved: what it reads
  /// of simulated objects is no operation. It reports by `sim::require` or any exception.
  void always(std::function<void()> check) { scheduler::here().after_each_step(std::move(check)); }

  /// What is done in here is the harness's doing and no visible operation.
  template <class F>
  decltype(auto) unobserved(F&& f) {
    return scheduler::here().unobserved(std::forward<F>(f));
  }

  /// Ends the execution with a verdict of the caller's judging.
  void fail(verdict_kind kind, std::string message) { scheduler::here().fail(kind, std::move(message)); }

  /// A line for the story of a failure.
  void say(std::string_view text) { scheduler::here().say(text); }
  /// Whether somebody listens to `say`, for lines that are costly to make.
  bool told() const { return scheduler::here().told(); }

 private:
  sim::runtime runtime_;
};

}  // namespace wavetank::sim

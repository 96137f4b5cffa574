// The simulated condition variable: stands for std::condition_variable. Which waiter a notify_one wakes is a decision;
// waits wake spuriously within the scenario's budget; a notification is remembered by nobody.
#pragma once

#include <condition_variable>
#include <mutex>

#include <wavetank/sim/engine/scheduler.h>
#include <wavetank/sim/mutex.h>

namespace wavetank::sim {

class condition_variable {
 public:
  condition_variable() { state_.id = scheduler::here().new_object(); }
  condition_variable(const condition_variable&) = delete;
  condition_variable& operator=(const condition_variable&) = delete;
  ~condition_variable() {
    if (state_.first_waiter != nullptr) destroyed_with_waiters();
  }

  void wait(std::unique_lock<mutex>& lock) { scheduler::here().wait(state_, lock.mutex()->state_, nullptr); }

  template <class Predicate>
  void wait(std::unique_lock<mutex>& lock, Predicate holds) {
    while (!holds()) wait(lock);
  }

  std::cv_status wait_until(std::unique_lock<mutex>& lock, time_point deadline) {
    return scheduler::here().wait(state_, lock.mutex()->state_, &deadline) ? std::cv_status::timeout
                                                                           : std::cv_status::no_timeout;
  }

  template <class Predicate>
  bool wait_until(std::unique_lock<mutex>& lock, time_point deadline, Predicate holds) {
    while (!holds()) {
      if (wait_until(lock, deadline) == std::cv_status::timeout) return holds();
    }
    return true;
  }

  void notify_one() { scheduler::here().notify(state_, false); }
  void notify_all() { scheduler::here().notify(state_, true); }

  object_id id() const noexcept { return state_.id; }

 private:
  void destroyed_with_waiters() noexcept {
    if (auto* s = scheduler::running()) {
      s->fail(verdict_kind::misuse,
              "a condition variable is destroyed while " + state_.first_waiter->name + " waits on it");
    }
  }

  condition_state state_;
};

}  // namespace wavetank::sim

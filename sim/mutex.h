// The simulated mutex: stands for std::mutex. Who gets a free mutex is a decision; a lock that is never released, an
// unlock by a stranger and a relock by the owner are verdicts, not undefined behaviour.
#pragma once

#include <string_view>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

class mutex {
 public:
  mutex() { state_.id = scheduler::here().new_object(); }
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  ~mutex() {
    if (state_.owner != nullptr) destroyed_while_held();
  }

  void lock() { scheduler::here().lock(state_); }
  bool try_lock() { return scheduler::here().try_lock(state_); }
  void unlock() { scheduler::here().unlock(state_); }

  object_id id() const noexcept { return state_.id; }

 private:
  friend class condition_variable;
  void destroyed_while_held() noexcept {
    if (auto* s = scheduler::running()) {
      s->fail(verdict_kind::misuse,
              "mutex " + s->object_name(state_.id) + " is destroyed while " + state_.owner->name + " holds it");
    }
  }

  mutex_state state_;
};

}  // namespace wavetank::sim

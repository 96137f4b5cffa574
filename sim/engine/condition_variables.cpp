// The state machine behind the simulated condition variable.
#include <wavetank/sim/engine/scheduler.h>

#include <cassert>

namespace wavetank::sim {

bool scheduler::wait(condition_state& c, mutex_state& m, const time_point* deadline) {
  if (silent_ != 0) return false;
  task& me = self();
  throw_if_doomed();
  if (m.owner != &me) {
    fail(verdict_kind::misuse, me.name + " waits with a mutex that it does not hold");
    return false;
  }
  visit({c.id, m.id, operation_kind::wait, true, deadline != nullptr});
  throw_if_doomed();  // by a failure, or with the whole process
  give(m);
  me.waits_for = &c;
  me.wait_mutex = &m;
  me.next_waiter = nullptr;
  task** link = &c.first_waiter;
  while (*link != nullptr) link = &(*link)->next_waiter;
  *link = &me;
  me.timed_out = false;
  me.state = task_state::waiting;
  me.at_kill_point = true;
  disable(me);
  recount_faults();
  if (deadline != nullptr) arm_timer(me, *deadline);
  visit_blocked({m.id, 0, operation_kind::reacquire, true});
  me.at_kill_point = false;
  me.state = task_state::active;
  recount_faults();
  assert(m.owner == nullptr && me.contends_for == &m);
  stop_contending(me, m);
  take(m);
  if (tracking_) acquire_from(c.released);
  note(me.timed_out ? 1 : 0);
  throw_if_doomed();
  return me.timed_out;
}

void scheduler::remove_waiter(task& t) noexcept {
  task** link = &t.waits_for->first_waiter;
  while (*link != &t) link = &(*link)->next_waiter;
  *link = t.next_waiter;
  t.waits_for = nullptr;
}

/// From the waiters of the condition variable to the contenders of the mutex.
void scheduler::wake_waiter(task& t) {
  remove_waiter(t);
  disarm_timer(t);
  contend(t, *t.wait_mutex);
  if (t.wait_mutex->owner == nullptr) enable(t);
  recount_faults();
}

void scheduler::notify(condition_state& c, bool all) {
  if (silent_ != 0) return;
  visit({c.id, 0, all ? operation_kind::notify_all : operation_kind::notify_one, true});
  if (tracking_) release_into(c.released, true);
  if (c.first_waiter == nullptr) {
    ++c.idle_notifications;
    return;
  }
  if (all) {
    while (c.first_waiter != nullptr) wake_waiter(*c.first_waiter);
    return;
  }
  std::uint32_t waiters = 0;
  for (const task* t = c.first_waiter; t != nullptr; t = t->next_waiter) ++waiters;
  std::uint32_t chosen = choose(decision_kind::notify, waiters, "which waiter notify_one wakes");
  task* t = c.first_waiter;
  for (; chosen > 0; --chosen) {
    assert(t->next_waiter != nullptr && "fewer waiters than were counted");
    t = t->next_waiter;
  }
  wake_waiter(*t);
}

}  // namespace wavetank::sim

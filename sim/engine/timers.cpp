// Timers of a simulated world, and sleep.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>

namespace wavetank::sim {

void scheduler::arm_timer(task& t, time_point deadline) {
  t.deadline = deadline;
  t.timer_armed = true;
  const auto later = [](const task* a, const task* b) { return a->deadline < b->deadline; };
  timers_.insert(std::upper_bound(timers_.begin(), timers_.end(), &t, later), &t);
  recount_faults();
}

void scheduler::disarm_timer(task& t) noexcept {
  if (!t.timer_armed) return;
  t.timer_armed = false;
  timers_.erase(std::find(timers_.begin(), timers_.end(), &t));
  recount_faults();
}

void scheduler::sleep_until(time_point deadline) {
  if (silent_ != 0) return;
  task& me = self();
  throw_if_doomed();
  const operation op{clock_object, 0, operation_kind::sleep, false};
  if (deadline <= now_) return visit_kill_point(op);
  me.state = task_state::sleeping;
  me.at_kill_point = true;
  disable(me);
  arm_timer(me, deadline);
  visit_blocked(op);
  me.state = task_state::active;
  me.at_kill_point = false;
  recount_faults();
  throw_if_doomed();
}

}  // namespace wavetank::sim

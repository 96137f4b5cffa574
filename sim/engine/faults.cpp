// What the world can do to its tasks: timers that fire, deaths, spurious wakeups.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>

namespace wavetank::sim {

bool scheduler::killable(const task& t) const noexcept {
  if (!t.at_kill_point || t.doomed || t.killed || t.index == 0 || t.dies_with_process) return false;
  if (t.sheltered != 0 || t.fiber->unwinding()) return false;
  return t.held.empty() && (&t != current_ || !pool_.unwinding());
}

void scheduler::recount_faults() noexcept {
  fault_count_ = 0;
  if (!timers_.empty() && (budget_.early_timers != 0 || enabled_.size() == 0)) {
    const time_point first = timers_.front()->deadline;
    for (const task* t : timers_) {
      if (t->deadline > first) break;
      ++fault_count_;
    }
  }
  if (budget_.kills != 0) {
    for (std::uint32_t i = 1; i < task_count_; ++i) fault_count_ += killable(*tasks_[i]) ? 1u : 0u;
  }
  if (budget_.spurious_wakeups != 0) {
    for (std::uint32_t i = 0; i < task_count_; ++i) fault_count_ += tasks_[i]->waits_for != nullptr ? 1u : 0u;
  }
}

void scheduler::list_faults(std::vector<transition>& into) const {
  into.clear();
  if (!timers_.empty() && (budget_.early_timers != 0 || enabled_.size() == 0)) {
    for (const task* t : timers_) {
      if (t->deadline > timers_.front()->deadline) break;
      into.emplace_back(transition::what::fire_timer, t->index);
    }
  }
  if (budget_.kills != 0) {
    for (std::uint32_t i = 1; i < task_count_; ++i) {
      if (killable(*tasks_[i])) into.emplace_back(transition::what::kill, static_cast<task_index>(i));
    }
  }
  if (budget_.spurious_wakeups != 0) {
    for (std::uint32_t i = 0; i < task_count_; ++i) {
      if (tasks_[i]->waits_for != nullptr)
        into.emplace_back(transition::what::wake_spuriously, static_cast<task_index>(i));
    }
  }
}

operation scheduler::fault_operation(transition fault) const {
  const task& t = *tasks_[fault.task()];
  const object_id condition = t.waits_for != nullptr ? t.waits_for->id : 0;
  switch (fault.kind()) {
    case transition::what::fire_timer:
      return {clock_object, condition, operation_kind::timer, true};
    case transition::what::kill:
      return {budget_object, condition, operation_kind::kill, true};
    case transition::what::wake_spuriously:
      return {budget_object, condition, operation_kind::spurious, true};
    case transition::what::run:
      break;
  }
  return pending_[fault.task()];
}

void scheduler::apply_fault(transition fault) {
  const operation op = fault_operation(fault);
  task& t = *tasks_[fault.task()];
  switch (fault.kind()) {
    case transition::what::fire_timer:
      if (enabled_.size() != 0) --budget_.early_timers;
      fire_timer(t);
      break;
    case transition::what::kill:
      --budget_.kills;
      doom(t);
      break;
    case transition::what::wake_spuriously:
      --budget_.spurious_wakeups;
      wake_waiter(t);
      break;
    case transition::what::run:
      break;
  }
  recount_faults();
  ++point_.step;
  hash_round(fault.code());
  if (witness_ != nullptr) witness_->happened({point_.step, t.index, op, now_});
}

void scheduler::fire_timer(task& t) {
  now_ = std::max(now_, t.deadline);
  disarm_timer(t);
  t.timed_out = true;
  if (t.waits_for != nullptr) {
    wake_waiter(t);
  } else {
    enable(t);
  }
}

void scheduler::doom(task& t) {
  t.doomed = true;
  disarm_timer(t);
  if (t.waits_for != nullptr) {
    wake_waiter(t);
  } else if (!is_enabled(t) && t.contends_for == nullptr) {
    enable(t);  // sleeping or joining; who contends for a mutex is enabled with it
  }
}

}  // namespace wavetank::sim

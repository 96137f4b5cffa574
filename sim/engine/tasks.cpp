// Tasks of a simulated world: how they start, end, are joined and told to die.
#include <wavetank/sim/engine/scheduler.h>

#include <stdexcept>

#include <wavetank/sim/assertion.h>

namespace wavetank::sim {

task& scheduler::new_task(std::string_view name) {
  const std::uint32_t i = task_count_++;
  if (i >= max_tasks) throw std::length_error("a simulated world holds at most 16384 tasks");
  if (i == tasks_.size()) tasks_.push_back(std::make_unique<task>());
  enabled_.grow(task_count_);
  if (pending_.size() < task_count_) pending_.resize(task_count_ * 2);
  point_.pending = pending_.data();
  point_.enabled = enabled_.data();
  point_.task_count = task_count_;
  task& t = *tasks_[i];
  if (t.fiber == nullptr) {
    t.fiber = &pool_.make([this, &t]() -> fiber_pool::fiber& { return run_task(t); });
  }
  t.index = static_cast<task_index>(i);
  t.process = i == 0 ? process_index{0} : current_->process;
  t.state = task_state::unstarted;
  t.doomed = t.killed = t.timed_out = t.timer_armed = t.at_kill_point = t.has_handle = false;
  t.failure = nullptr;
  t.sheltered = 0;
  t.dies_with_process = false;
  t.object = new_object();
  if (t.name != name) t.name.assign(name);
  t.identity = {i + 1};
  t.contends_for = nullptr;
  t.waits_for = nullptr;
  t.joins = nullptr;
  t.held.clear();
  t.watches.clear();
  if (tracking_) {
    t.clock = current_->clock;
    t.clock.tick(t.index);
    current_->clock.tick(current_->index);
  }
  ++unfinished_;
  return t;
}

void scheduler::launched(task& t) {
  if (witness_ != nullptr) witness_->spawned(t.index, t.name);
  if (burying()) return never_start(t);
  unstarted_.push(t);
}

task& scheduler::start_next() {
  // Each newcomer runs up to its first visible operation, which it publishes; it then starts the next one.
  task& t = unstarted_.pop();
  t.state = task_state::active;
  enable(t);
  recount_faults();
  return t;
}

fiber_pool::fiber& scheduler::run_task(task& t) {
  try {
    t.body();
  } catch (const task_killed&) {
  } catch (const assertion_failure& e) {
    fail(verdict_kind::assertion, t.name + ": " + e.what());
  } catch (const std::exception& e) {
    ended_by_exception(t, e.what());
  } catch (...) {
    ended_by_exception(t, "one that is no std::exception");
  }
  try {
    t.body.reset();
    die(t);
  } catch (...) {
    fail(verdict_kind::exception, t.name + ": a death notice threw");
  }
  return finish(t);
}

/// Whoever holds the task's handle hears of it at the join; where nobody does, it is the execution's failure.
void scheduler::ended_by_exception(task& t, const char* what) {
  if (burying()) return;
  if (t.has_handle) {
    t.failure = std::current_exception();
  } else {
    fail(verdict_kind::exception, t.name + " ended with an exception: " + what);
  }
}

void scheduler::die(task& t) {
  t.state = task_state::dying;
  if (burying()) {
    t.attachments.clear();
    t.watches.clear();
  }
  if (t.attachments.empty() && t.watches.empty()) return;
  visit({t.object, 0, operation_kind::exit, true});
  while (!t.attachments.empty()) {
    const auto kept = std::move(t.attachments.back().second);
    t.attachments.pop_back();
    kept->owner_died();
  }
  for (std::size_t i = 0; i < t.watches.size(); ++i) {
    const auto watch = t.watches[i];
    watch->fire();
  }
  t.watches.clear();
}

fiber_pool::fiber& scheduler::finish(task& t) {
  if (!t.held.empty()) fail(verdict_kind::misuse, t.name + " ended with a mutex locked");
  t.state = task_state::finished;
  disable(t);
  --unfinished_;
  if (t.index == 0 && unfinished_ != 0 && !failed()) {
    std::string names;
    for (std::uint32_t i = 1; i < task_count_; ++i) {
      if (!finished(*tasks_[i])) names += (names.empty() ? "" : ", ") + tasks_[i]->name;
    }
    fail(verdict_kind::leaked_task, "the scenario ended while these tasks still ran: " + names + "; join them");
  }
  if (joining_ != 0) release_joiners(t);
  if (t.index == 0) open_barrier();
  if (main_waits_for_all_ && unfinished_ == 1) {
    main_waits_for_all_ = false;
    enable(*tasks_[0]);
  }
  if (burying()) {
    --burial_->victims;
    return become(next_of_the_dead());
  }
  if (!relaxed_.empty()) wake_relaxed();
  return unfinished_ == 0 ? pool_.home() : become(successor());
}

void scheduler::release_joiners(task& t) {
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& joiner = *tasks_[i];
    if (joiner.joins != &t) continue;
    joiner.joins = nullptr;
    joiner.state = task_state::active;
    --joining_;
    if (tracking_) joiner.clock.join(t.clock);
    if (!is_enabled(joiner)) enable(joiner);
  }
}

void scheduler::leave_for_ever() {
  // Also from the end of a task: its fiber cannot be used again.
  if (current_->state == task_state::finished) current_->state = task_state::abandoned;
  left_behind_ = true;
  pool_.switch_to(*current_->fiber, pool_.home());
  std::abort();  // an abandoned fiber is never resumed
}

void scheduler::give_up_running_task() {
  // The other tasks may still want to unwind; this one cannot. It stays where it is, and its stack is kept.
  task& t = *current_;
  if (burying()) {
    vanish(t);
    hand_over(next_of_the_dead());
  }
  if (is_enabled(t)) disable(t);
  t.at_kill_point = false;
  hand_over(resolve(next_transition()));
  std::abort();
}

void scheduler::join(task& t) {
  const operation op{t.object, 0, operation_kind::join, false};
  open_barrier();
  if (finished(t)) {
    if (tracking_) acquire_from(t.clock);
    return;
  }
  task& me = self();
  if (&t == &me) return fail(verdict_kind::misuse, me.name + " joins itself");
  if (silent_ != 0) return;
  me.joins = &t;
  ++joining_;
  me.state = task_state::joining;
  me.at_kill_point = true;
  recount_faults();
  visit_blocked(op);
  if (std::exchange(me.joins, nullptr) != nullptr) --joining_;  // told to die before the other one ended
  me.state = task_state::active;
  me.at_kill_point = false;
  recount_faults();
  throw_if_doomed();
}

task* scheduler::find(task_id id) noexcept {
  if (id.value == 0 || id.value > task_count_) return nullptr;
  return tasks_[id.value - 1].get();
}

bool scheduler::watch_death(task_id id, std::shared_ptr<death_watch> watch) {
  task* t = find(id);
  if (t == nullptr) return false;
  visit({t->object, 0, operation_kind::point, true});
  if (t->state == task_state::dying || finished(*t)) return false;
  t->watches.push_back(std::move(watch));
  return true;
}

void scheduler::wait_for_the_others() {
  if (unfinished_ != 1) {
    main_waits_for_all_ = true;
    visit_blocked({0, 0, operation_kind::join, false});
  }
  for (std::uint32_t i = 1; tracking_ && i < task_count_; ++i) acquire_from(tasks_[i]->clock);
}

void scheduler::join_all() {
  if (silent_ != 0) return;
  task& me = self();
  if (me.index != 0)
    return fail(verdict_kind::misuse, me.name + " joins all tasks, itself among them; only the scenario's body may");
  open_barrier();
  me.state = task_state::joining;
  wait_for_the_others();
  me.state = task_state::active;
  throw_if_doomed();
}

void scheduler::throw_if_doomed() {
  task& me = self();
  if (!me.doomed || me.killed || me.sheltered != 0 || pool_.unwinding() || me.state == task_state::dying) return;
  if (me.index == 0 && failed()) wait_for_the_others();
  me.killed = true;
  throw task_killed{};
}

}  // namespace wavetank::sim

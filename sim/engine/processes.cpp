// The death of a process: its tasks are unwound at once and out of sight.
//
// A killed process takes no further step that anybody could see, yet its stacks hold objects of this program, which
// must be destroyed. So its tasks run on alone, calmly, with everybody else's readiness put aside: they are told to die
// at their next suspension, nothing that they do is a decision or an event, and the file systems let none of their
// calls through. Who cannot be unwound (it waits inside a destructor, or never ends) is given up with its stack.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>
#include <cassert>

namespace wavetank::sim {

namespace {

// How many visible operations a dead task may make while it unwinds, before it is given up.
constexpr std::uint64_t steps_of_the_dead = 20'000;

}  // namespace

bool scheduler::outlives_burial(const task& t) const noexcept {
  return t.process < burial_->first || t.process > burial_->last;
}

void scheduler::enable_after_burial(task& t) {
  auto& ready = burial_->bystanders;
  if (std::find(ready.begin(), ready.end(), &t) == ready.end()) ready.push_back(&t);
}

bool scheduler::may_kill() {
  if (burying() || silent_ != 0) return false;
  visit({0, 0, operation_kind::kill, true, false, false});
  if (burying()) throw_if_doomed();  // somebody else was first
  return !burying() && !failed();
}

void scheduler::kill_processes(process_index first, process_index last) {
  if (burying() || silent_ != 0 || failed()) return;
  task& me = self();
  const auto is_victim = [&](const task& t) { return t.process >= first && t.process <= last && !finished(t); };
  std::vector<task*> victims;
  for (std::uint32_t i = 1; i < task_count_; ++i) {
    if (is_victim(*tasks_[i])) victims.push_back(tasks_[i].get());
  }
  if (victims.empty()) return;
  if (first == last) {
    say("the process is killed");
  } else {
    say("all processes are killed");
  }

  burial_ = std::make_unique<burial>(burial{first,
                                            last,
                                            static_cast<std::uint32_t>(victims.size()),
                                            nullptr,
                                            {},
                                            {},
                                            asks_above_,
                                            barrier_,
                                            point_.step,
                                            step_alarm_,
                                            budget_,
                                            witness_,
                                            hooked_,
                                            std::move(check_)});
  std::swap(burial_->unstarted, unstarted_);
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& t = *tasks_[i];
    if (is_victim(t) || !is_enabled(t)) continue;
    disable(t);
    burial_->bystanders.push_back(&t);
  }
  // Nobody is asked: the dead run one after the other.
  asks_above_ = ~0u;
  barrier_ = true;
  budget_ = {};
  step_alarm_ = point_.step + steps_of_the_dead;
  witness_ = nullptr;
  hooked_ = false;
  check_ = nullptr;
  for (task* t : victims) bury(*t);
  recount_faults();

  if (is_victim(me)) return throw_if_doomed();
  burial_->killer = &me;
  hand_over(next_of_the_dead());
}

/// Tells a task of a killed process to die; one that never ran is gone at once.
void scheduler::bury(task& t) {
  if (t.state == task_state::unstarted) {
    burial_->unstarted.remove(t);
    --burial_->victims;
    return never_start(t);
  }
  const bool polls = std::erase(relaxed_, &t) != 0;
  const bool parked = t.state == task_state::waiting || t.state == task_state::sleeping;
  if (parked && !t.doomed && !is_enabled(t) && t.contends_for == nullptr) return doom(t);
  // A task that joins another one may hold what that one uses: it is told to die, but not hurried.
  t.doomed = true;
  if (polls) enable(t);
}

void scheduler::never_start(task& t) {
  t.body.reset();
  t.state = task_state::finished;
  --unfinished_;
  if (joining_ != 0) release_joiners(t);
}

/// The next of the dead that can run; when there is none, those that cannot are given up, and a living task is next.
task& scheduler::next_of_the_dead() {
  if (burial_->victims != 0 && enabled_.size() != 0) return *tasks_[*enabled_.data()];
  for (std::uint32_t i = 1; i < task_count_; ++i) {
    if (!outlives_burial(*tasks_[i]) && !finished(*tasks_[i])) vanish(*tasks_[i]);
  }
  return end_burial();
}

void scheduler::vanish(task& t) {
  if (is_enabled(t)) disable(t);
  if (t.waits_for != nullptr) remove_waiter(t);
  if (t.contends_for != nullptr) stop_contending(t, *t.contends_for);
  if (t.joins != nullptr) t.joins = nullptr, --joining_;
  disarm_timer(t);
  t.state = task_state::abandoned;
  left_behind_ = true;
  --unfinished_;
  --burial_->victims;
  if (joining_ != 0) release_joiners(t);
}

task& scheduler::end_burial() {
  const std::unique_ptr<burial> done = std::move(burial_);
  assert(enabled_.size() == 0);
  asks_above_ = done->asks_above;
  barrier_ = done->barrier;
  point_.step = done->step;
  step_alarm_ = done->step_alarm;
  budget_ = done->budget;
  witness_ = done->told;
  hooked_ = done->hooked;
  check_ = std::move(done->check);
  unstarted_ = std::move(done->unstarted);
  for (task* t : done->bystanders) enable(*t);
  if (!relaxed_.empty()) wake_relaxed();
  if (main_waits_for_all_ && unfinished_ == 1) {
    main_waits_for_all_ = false;
    enable(*tasks_[0]);
  }
  recount_faults();
  return done->killer != nullptr ? *done->killer : successor();
}

void scheduler::relax_in_burial(const operation& op) {
  visit(op);
  task& me = self();
  disable(me);
  enable(me);  // to the end of the line
  hand_over(next_of_the_dead());
}

}  // namespace wavetank::sim

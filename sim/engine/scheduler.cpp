#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>
#include <stdexcept>

#include <wavetank/sim/engine/forbidden_calls.h>
#include <wavetank/sim/random.h>

namespace wavetank::sim {

/// Answers for the end of a failed or overlong execution: tasks in turn, no faults.
class scheduler::calm_end final : public strategy {
 public:
  std::string name() const override { return "calm_end"; }
  bool begin(std::uint64_t) override { return true; }
  transition schedule(const scheduling_point& p) override {
    if (p.enabled_count == 0) return calmest(p);
    task_index best = p.enabled[0];
    const auto distance = [&](task_index t) { return (t + p.task_count - p.current - 1) % p.task_count; };
    for (const task_index t : p.tasks()) {
      if (distance(t) < distance(best)) best = t;
    }
    return transition::run(best);
  }
  std::uint32_t choose(const value_point&) override { return 0; }
  void end(std::uint64_t, std::uint32_t) override {}
};

transition calmest(const scheduling_point& p) noexcept {
  if (p.enabled_count == 0) {
    std::vector<transition> faults;
    p.faults->list_faults(faults);
    // None: the execution has failed since it was asked, and whoever slept is to unwind instead.
    return faults.empty() ? transition::run(p.current) : faults.front();
  }
  if (p.current_enabled) return transition::run(p.current);
  task_index best = p.enabled[0];
  const auto distance = [&](task_index t) { return (t + p.task_count - p.current) % p.task_count; };
  for (const task_index t : p.tasks()) {
    if (distance(t) < distance(best)) best = t;
  }
  return transition::run(best);
}

scheduler::scheduler() : calm_end_(std::make_unique<calm_end>()) { install_forbidden_calls(); }

scheduler::~scheduler() = default;

void scheduler::outside_a_world() {
  throw std::logic_error(
      "a simulated object was used outside of a simulated task; construct and use it inside the body given to "
      "explore()");
}

scheduler::result scheduler::execute(strategy& answers, const scenario& bounds, const std::function<void()>& body,
                                     witness* told) {
  strategy_ = &answers;
  asks_above_ = answers.follows_every_step() ? 0 : 1;
  budget_ = bounds;
  body_ = &body;
  witness_ = told;
  hooked_ = told != nullptr;
  check_ = nullptr;
  decisions_.clear();
  point_ = {};
  point_.faults = this;
  task_count_ = 0;
  unfinished_ = 0;
  joining_ = 0;
  process_count_ = 0;
  enabled_.clear(tasks_.size());
  unstarted_.clear();
  relaxed_.clear();
  barrier_ = bounds.start_barrier;
  main_waits_for_all_ = false;
  left_behind_ = false;
  names_.clear();
  timers_.clear();
  fault_count_ = 0;
  now_ = {};
  wall_clock_jumps_ = {};
  next_object_ = first_free_object;
  hash_ = 0x243F6A8885A308D3u;
  noted_ = 0;
  silent_ = 0;
  tracking_ = false;
  end_game_ = false;
  step_alarm_ = bounds.max_steps;
  failure_ = {};
  warnings_.clear();
  reached_.clear();
  lock_order_.clear();
  random_state_ = 0;

  task& main = new_task("main");
  unstarted_.clear();
  main.state = task_state::active;
  enable(main);
  main.body.emplace([this] { (*body_)(); });
  current_ = &main;
  point_.current = 0;
  running_ = this;
  pool_.switch_to(pool_.home(), *main.fiber);
  running_ = nullptr;

  if (left_behind_) abandon_the_rest();
  if (!lock_order_.empty()) find_lock_order_cycles();
  return {std::move(failure_), point_.step, hash(), task_count_, std::move(warnings_)};
}

void scheduler::abandon_the_rest() {
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    if (tasks_[i]->state == task_state::finished) continue;
    pool_.abandon(*tasks_[i]->fiber);
    tasks_[i].release();  // its stack may still point to it
    tasks_[i] = std::make_unique<task>();
  }
}

void scheduler::start_tracking() {
  if (tracking_) return;
  tracking_ = true;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    tasks_[i]->clock.clear();
    tasks_[i]->clock.tick(tasks_[i]->index);
  }
}

transition scheduler::next_transition() {
  const std::uint32_t ready = enabled_.size();
  if (ready == 0) {
    if (burying()) return transition::run(next_of_the_dead().index);
    if (timers_.empty()) {
      if (const transition t = stuck(); enabled_.size() != 0) return t;
      leave_for_ever();
    }
    recount_faults();
    if (fault_count_ <= asks_above_) return {transition::what::fire_timer, timers_.front()->index};
    const bool had_failed = failed();
    const transition t = ask(fault_count_);
    // Whoever was asked may have failed the execution, as a replay does that diverges, and that stops the timers.
    return failed() == had_failed ? t : next_transition();
  }
  if (ready + fault_count_ <= asks_above_) return transition::run(*enabled_.data());
  return ask(ready + fault_count_);
}

task& scheduler::resolve(transition next) {
  while (next.kind() != transition::what::run) {
    apply_fault(next);
    next = next_transition();
  }
  return *tasks_[next.task()];
}

task& scheduler::successor() { return !unstarted_.empty() && !barrier_ ? start_next() : resolve(next_transition()); }

std::uint32_t scheduler::choose(decision_kind kind, std::uint32_t alternatives, std::string_view label) {
  if (silent_ != 0 || alternatives < 2 || burying()) return 0;
  const std::uint32_t chosen = strategy_->choose({kind, alternatives, current_->index, label});
  assert(chosen < alternatives);
  decisions_.add({static_cast<std::uint16_t>(chosen), static_cast<std::uint16_t>(std::min(alternatives, 0xFFFFu)),
                  current_->index, kind});
  note(chosen);
  return chosen;
}

bool scheduler::fail_weakly() {
  if (silent_ != 0 || budget_.weak_failures == 0) return false;
  if (choose(decision_kind::weak_cas, 2, "weak compare_exchange fails") == 0) return false;
  --budget_.weak_failures;
  return true;
}

std::uint64_t scheduler::random_bits() {
  // Deterministic for the execution, and not a decision for each draw: components use it for jitter, not for meaning.
  visit({0, 0, operation_kind::random, false});
  return mix(random_state_++);
}

void scheduler::visit_kill_point(const operation& op) {
  if (silent_ != 0) return;
  task& me = self();
  throw_if_doomed();
  me.at_kill_point = true;
  if (budget_.kills != 0) recount_faults();
  visit(op);
  me.at_kill_point = false;
  if (budget_.kills != 0) recount_faults();
  throw_if_doomed();
}

void scheduler::visit_blocked(const operation& op) {
  task& me = self();
  pending_[me.index] = op;
  if (is_enabled(me)) disable(me);
  if (me.index == 0) open_barrier();
  if (++point_.step >= step_alarm_) [[unlikely]]
    too_many_steps();
  take_into_hash(op, me.index, enabled_.size() + fault_count_);
  hand_over(successor());
  if (hooked_) [[unlikely]]
    executed_hooked(pending_[me.index]);
}

void scheduler::executed_hooked(const operation& op) {
  if (witness_ != nullptr) witness_->happened({point_.step, current_->index, op, now_});
  if (!relaxed_.empty()) wake_relaxed();
  if (check_ && !failed()) {
    unobserved([&] {
      try {
        check_();
      } catch (const std::exception& e) {
        fail(verdict_kind::assertion, e.what());
      }
    });
  }
}

/// Somebody else has taken a step: those who polled may look again.
void scheduler::wake_relaxed() {
  std::erase_if(relaxed_, [&](task* t) {
    if (t == current_) return false;
    enable(*t);
    return true;
  });
  hooked_ = witness_ != nullptr || check_ != nullptr || !relaxed_.empty();
}

void scheduler::relax() {
  if (silent_ != 0) return;
  task& me = self();
  if (me.index == 0) open_barrier();
  const operation op{0, 0, operation_kind::relax, false};
  if (burying()) return relax_in_burial(op);
  if (enabled_.size() < 2 && (unstarted_.empty() || barrier_)) return visit(op);
  relaxed_.push_back(&me);
  hooked_ = true;
  visit_blocked(op);
}

}  // namespace wavetank::sim

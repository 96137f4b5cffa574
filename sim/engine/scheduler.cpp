#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>

#include <wavetank/sim/assertion.h>
#include <wavetank/sim/engine/forbidden_calls.h>
#include <wavetank/sim/random.h>

namespace wavetank::sim {

namespace {

// How many visible operations a failed execution may still make while its tasks unwind, before the rest is given up.
constexpr std::uint64_t unwinding_steps = 20'000;

}  // namespace

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
    return faults.front();
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
  enabled_.clear(tasks_.size());
  unstarted_.clear();
  relaxed_.clear();
  barrier_ = bounds.start_barrier;
  main_waits_for_all_ = false;
  names_.clear();
  timers_.clear();
  fault_count_ = 0;
  now_ = {};
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

  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& t = *tasks_[i];
    if (t.state != task_state::finished) {
      pool_.abandon(*t.fiber);
      tasks_[i].release();  // its stack may still point to it
      tasks_[i] = std::make_unique<task>();
    }
  }
  if (!lock_order_.empty()) find_lock_order_cycles();
  return {std::move(failure_), point_.step, hash_now(), task_count_, std::move(warnings_)};
}

// Tasks ---------------------------------------------------------------------------------------------------------------

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
    t.fiber = &pool_.make([this, &t] { run_task(t); });
  }
  t.index = static_cast<task_index>(i);
  t.state = task_state::unstarted;
  t.doomed = t.killed = t.timed_out = t.timer_armed = t.at_kill_point = t.has_handle = false;
  t.failure = nullptr;
  t.sheltered = 0;
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
  unstarted_.push_back(&t);
}

void scheduler::start_others() {
  // Each newcomer runs up to its first visible operation, which it publishes; it then starts the next one.
  task& t = *unstarted_.front();
  unstarted_.erase(unstarted_.begin());
  t.state = task_state::active;
  enable(t);
  recount_faults();
  switch_to(t);
}

void scheduler::run_task(task& t) {
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
  finish(t);
}

/// Whoever holds the task's handle hears of it at the join; where nobody does, it is the execution's failure.
void scheduler::ended_by_exception(task& t, const char* what) {
  if (t.has_handle) {
    t.failure = std::current_exception();
  } else {
    fail(verdict_kind::exception, t.name + " ended with an exception: " + what);
  }
}

void scheduler::die(task& t) {
  t.state = task_state::dying;
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

void scheduler::finish(task& t) {
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
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& joiner = *tasks_[i];
    if (joiner.joins == &t) {
      joiner.joins = nullptr;
      joiner.state = task_state::active;
      if (tracking_) joiner.clock.join(t.clock);
      if (!is_enabled(joiner)) enable(joiner);
    }
  }
  if (t.index == 0) open_barrier();
  if (main_waits_for_all_ && unfinished_ == 1) {
    main_waits_for_all_ = false;
    enable(*tasks_[0]);
  }
  if (unfinished_ == 0) {
    pool_.switch_to(*t.fiber, pool_.home());
    return;
  }
  if (!unstarted_.empty() && !barrier_) {
    start_others();
    return;
  }
  leave(next_transition());
}

void scheduler::leave_for_ever() {
  pool_.switch_to(*current_->fiber, pool_.home());
  std::abort();  // an abandoned fiber is never resumed
}

void scheduler::give_up_running_task() {
  // The other tasks may still want to unwind; this one cannot. It stays where it is, and its stack is kept.
  task& t = *current_;
  if (is_enabled(t)) disable(t);
  t.at_kill_point = false;
  leave(next_transition());
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
  me.state = task_state::joining;
  me.at_kill_point = true;
  recount_faults();
  visit_blocked(op);
  me.joins = nullptr;
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
  if (t->state == task_state::dying || t->state == task_state::finished) return false;
  t->watches.push_back(std::move(watch));
  return true;
}

// Decisions -----------------------------------------------------------------------------------------------------------

transition scheduler::next_transition() {
  const std::uint32_t ready = enabled_.size();
  if (ready == 0) {
    if (timers_.empty()) {
      if (const transition t = stuck(); enabled_.size() != 0) return t;
      leave_for_ever();
    }
    recount_faults();
    if (fault_count_ <= asks_above_) return {transition::what::fire_timer, timers_.front()->index};
    return ask();
  }
  if (ready + fault_count_ <= asks_above_) return transition::run(*enabled_.data());
  return ask();
}

void scheduler::leave(transition next) {
  while (next.kind() != transition::what::run) {
    apply_fault(next);
    next = next_transition();
  }
  if (next.task() != current_->index) switch_to(*tasks_[next.task()]);
}

std::uint32_t scheduler::choose(decision_kind kind, std::uint32_t alternatives, std::string_view label) {
  if (silent_ != 0 || alternatives < 2) return 0;
  const std::uint32_t chosen = strategy_->choose({kind, alternatives, current_->index, label, hash_now()});
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
  if (!unstarted_.empty() && !barrier_) {
    start_others();
  } else {
    leave(next_transition());
  }
  executed(pending_[me.index]);
}

void scheduler::executed_hooked(const operation& op) {
  if (witness_ != nullptr) witness_->happened({point_.step, current_->index, op, now_});
  if (!relaxed_.empty()) {
    std::erase_if(relaxed_, [&](task* t) {
      if (t == current_) return false;
      enable(*t);
      return true;
    });
    hooked_ = witness_ != nullptr || check_ != nullptr || !relaxed_.empty();
  }
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

// Faults --------------------------------------------------------------------------------------------------------------

bool scheduler::killable(const task& t) const noexcept {
  if (!t.at_kill_point || t.doomed || t.killed || t.index == 0 || t.sheltered != 0 || t.fiber->unwinding())
    return false;
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

void scheduler::relax() {
  if (silent_ != 0) return;
  task& me = self();
  if (me.index == 0) open_barrier();
  const operation op{0, 0, operation_kind::relax, false};
  if (enabled_.size() < 2 && (unstarted_.empty() || barrier_)) return visit(op);
  relaxed_.push_back(&me);
  hooked_ = true;
  visit_blocked(op);
}

void scheduler::throw_if_doomed() {
  task& me = self();
  if (!me.doomed || me.killed || me.sheltered != 0 || pool_.unwinding() || me.state == task_state::dying) return;
  if (me.index == 0 && failed()) wait_for_the_others();
  me.killed = true;
  throw task_killed{};
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

void scheduler::fail_and_unwind(verdict_kind kind, std::string message) {
  task& me = self();
  fail(kind, std::move(message));
  if (me.index == 0) wait_for_the_others();
  me.doomed = me.killed = true;
  throw task_killed{};
}

// Time ----------------------------------------------------------------------------------------------------------------

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

// Mutexes -------------------------------------------------------------------------------------------------------------

void scheduler::contend(task& t, mutex_state& m) noexcept {
  t.contends_for = &m;
  t.next_contender = m.contenders;
  m.contenders = &t;
}

void scheduler::stop_contending(task& t, mutex_state& m) noexcept {
  task** link = &m.contenders;
  while (*link != &t) link = &(*link)->next_contender;
  *link = t.next_contender;
  t.contends_for = nullptr;
}

void scheduler::take(mutex_state& m) noexcept {
  m.owner = current_;
  for (task* c = m.contenders; c != nullptr; c = c->next_contender) {
    if (is_enabled(*c)) disable(*c);
  }
  for (const object_id held : current_->held) lock_order_.emplace_back(held, m.id);
  current_->held.push_back(m.id);
  if (tracking_) acquire_from(m.released);
}

void scheduler::give(mutex_state& m) noexcept {
  if (tracking_) release_into(m.released, false);
  auto& held = current_->held;
  held.erase(std::find(held.begin(), held.end(), m.id));
  m.owner = nullptr;
  for (task* c = m.contenders; c != nullptr; c = c->next_contender) {
    if (!is_enabled(*c)) enable(*c);
  }
}

void scheduler::lock(mutex_state& m) {
  if (silent_ != 0) return;
  task& me = self();
  const operation op{m.id, 0, operation_kind::lock, true};
  if (m.owner == &me) {
    fail(verdict_kind::misuse, me.name + " locks a mutex that it holds already");
    return;
  }
  contend(me, m);
  if (m.owner == nullptr) {
    visit(op);
  } else {
    visit_blocked(op);
  }
  assert(m.owner == nullptr);
  stop_contending(me, m);
  take(m);
}

bool scheduler::try_lock(mutex_state& m) {
  if (silent_ != 0) return true;
  visit({m.id, 0, operation_kind::try_lock, true});
  const bool free = m.owner == nullptr;
  note(free ? 1 : 0);
  if (free) take(m);
  return free;
}

void scheduler::unlock(mutex_state& m) {
  if (silent_ != 0) return;
  task& me = self();
  if (m.owner != &me) {
    fail(verdict_kind::misuse, me.name + (m.owner == nullptr ? " unlocks a mutex that is not locked"
                                                             : " unlocks a mutex that " + m.owner->name + " holds"));
    return;
  }
  visit({m.id, 0, operation_kind::unlock, true});
  give(m);
}

// Condition variables -------------------------------------------------------------------------------------------------

bool scheduler::wait(condition_state& c, mutex_state& m, const time_point* deadline) {
  if (silent_ != 0) return false;
  task& me = self();
  throw_if_doomed();
  if (m.owner != &me) {
    fail(verdict_kind::misuse, me.name + " waits with a mutex that it does not hold");
    return false;
  }
  visit({c.id, m.id, operation_kind::wait, true, deadline != nullptr});
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
  while (chosen-- > 0) t = t->next_waiter;
  wake_waiter(*t);
}

// Verdicts ------------------------------------------------------------------------------------------------------------

void scheduler::start_tracking() {
  if (tracking_) return;
  tracking_ = true;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    tasks_[i]->clock.clear();
    tasks_[i]->clock.tick(tasks_[i]->index);
  }
}

void scheduler::remember_name(object_id object, std::string_view name) {
  std::size_t same = 0;
  for (const auto& [id, known] : names_) same += known.substr(0, known.find('#')) == name ? 1 : 0;
  std::string unique(name);
  if (same != 0) unique += "#" + std::to_string(same + 1);
  names_.emplace_back(object, unique);
  witness_->named(object, unique);
}

std::string scheduler::object_name(object_id object) const {
  for (const auto& [id, name] : names_) {
    if (id == object) return name;
  }
  return "#" + std::to_string(object);
}

void scheduler::warn(std::string message) {
  if (std::find(warnings_.begin(), warnings_.end(), message) == warnings_.end())
    warnings_.push_back(std::move(message));
}

void scheduler::fail(verdict_kind kind, std::string message) {
  if (failed()) return;
  failure_ = {kind, std::move(message)};
  say("FAILED: " + std::string(to_string(kind)) + ": " + failure_.message);
  strategy_ = calm_end_.get();
  asks_above_ = 1;
  budget_ = {};
  barrier_ = false;
  step_alarm_ = point_.step + unwinding_steps;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& t = *tasks_[i];
    if (t.state == task_state::finished) continue;
    // A task that joins another one may hold what that one uses: it is told to die, but not hurried.
    const bool parked = t.state == task_state::waiting || t.state == task_state::sleeping;
    if (t.state == task_state::unstarted) {
      t.body.emplace([] {});
    } else if (parked && t.index != 0 && !t.doomed && t.at_kill_point && !is_enabled(t) && t.contends_for == nullptr) {
      doom(t);
    } else {
      t.doomed = true;
    }
  }
  recount_faults();
}

void scheduler::too_many_steps() {
  if (failed()) leave_for_ever();
  if (!end_game_) {
    end_game_ = true;
    strategy_ = calm_end_.get();
    asks_above_ = 1;
    budget_.kills = budget_.spurious_wakeups = budget_.weak_failures = 0;
    barrier_ = false;
    step_alarm_ = point_.step + budget_.max_steps;
    recount_faults();
    return;
  }
  fail(verdict_kind::livelock, "still running after " + std::to_string(point_.step) +
                                   " visible operations, the second half of them with every task in its turn; last: " +
                                   current_->name + " at " + std::string(to_string(pending_[current_->index].kind)));
}

transition scheduler::stuck() {
  if (!failed()) {
    verdict_kind kind = verdict_kind::deadlock;
    std::string story = describe_blockage(kind);
    fail(kind, std::move(story));
    if (enabled_.size() != 0) return next_transition();
  }
  task& main = *tasks_[0];
  const bool parked = main.state == task_state::waiting || main.state == task_state::sleeping;
  if (parked && main.contends_for == nullptr && !main_waits_for_all_) {
    doom(main);
    if (enabled_.size() != 0) return next_transition();
  }
  return {};
}

std::string scheduler::describe_blockage(verdict_kind& kind) const {
  const auto blocker = [](const task& t) -> const task* {
    if (t.contends_for != nullptr) return t.contends_for->owner;
    return t.joins;
  };
  // A cycle of tasks that wait for each other is named first; then whoever waits for a notification.
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    const task* slow = tasks_[i].get();
    const task* fast = slow;
    do {
      slow = slow == nullptr ? nullptr : blocker(*slow);
      fast = fast == nullptr ? nullptr : blocker(*fast);
      fast = fast == nullptr ? nullptr : blocker(*fast);
    } while (fast != nullptr && slow != fast);
    if (fast == nullptr || finished(*tasks_[i])) continue;
    std::string cycle = "cycle: ";
    const task* t = slow;
    do {
      const task* next = blocker(*t);
      cycle += t->name +
               (t->contends_for != nullptr ? " waits for mutex " + object_name(t->contends_for->id) + " held by "
                                           : " joins ") +
               next->name + "; ";
      t = next;
    } while (t != slow);
    cycle.resize(cycle.size() - 2);
    kind = verdict_kind::deadlock;
    return cycle;
  }
  std::string waiting;
  std::string blocked;
  bool notified_nobody = false;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    const task& t = *tasks_[i];
    if (finished(t)) continue;
    if (t.waits_for != nullptr) {
      waiting += (waiting.empty() ? "" : ", ") + t.name;
      notified_nobody |= t.waits_for->idle_notifications != 0;
    } else if (t.joins != nullptr) {
      blocked += "; " + t.name + " joins " + t.joins->name;
    } else if (t.index == 0 && main_waits_for_all_) {
      blocked += "; main joins all";
    } else if (t.contends_for != nullptr && t.contends_for->owner != nullptr) {
      blocked += "; " + t.name + " waits for mutex " + object_name(t.contends_for->id) + " held by " +
                 t.contends_for->owner->name + (finished(*t.contends_for->owner) ? ", which has ended" : "");
    }
  }
  if (waiting.empty()) return "nobody can go on" + blocked;
  kind = verdict_kind::lost_wakeup;
  return waiting + " wait(s) for a notification that nobody is left to give" +
         (notified_nobody ? " (one was given earlier, when nobody waited)" : "") + blocked;
}

void scheduler::find_lock_order_cycles() {
  std::map<object_id, std::set<object_id>> after;
  for (const auto& [first, then] : lock_order_) after[first].insert(then);
  std::set<object_id> done;
  std::vector<object_id> path;
  const std::function<bool(object_id)> visit_from = [&](object_id m) {
    if (const auto at = std::find(path.begin(), path.end(), m); at != path.end()) {
      std::string cycle;
      for (auto i = at; i != path.end(); ++i) cycle += object_name(*i) + " before ";
      warn("lock order cycle, a deadlock on another schedule: mutex " + cycle + object_name(m));
      return true;
    }
    if (!done.insert(m).second) return false;
    path.push_back(m);
    for (const object_id next : after[m]) {
      if (visit_from(next)) return true;
    }
    path.pop_back();
    return false;
  };
  for (const auto& edge : lock_order_) {
    if (visit_from(edge.first)) return;
    path.clear();
  }
}

}  // namespace wavetank::sim

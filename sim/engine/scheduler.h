// The scheduler of a simulated world: tasks, decisions, time, death.
//
// Every visible operation first publishes what it is about to do, then asks who goes next; the decision is taken inside
// the operation, so that choosing the running task again costs no switch. Code between two visible operations runs
// alone. Real things stood for: the preemptive scheduler of an operating system with sequentially consistent shared
// memory, its timers, and the death of threads. It falls short of them in one way that matters: stores become visible
// in one order to all tasks (weak memory is to come behind the same interface).
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/sim/decision.h>
#include <wavetank/sim/engine/burial.h>
#include <wavetank/sim/engine/enabled_set.h>
#include <wavetank/sim/engine/fiber_pool.h>
#include <wavetank/sim/engine/start_queue.h>
#include <wavetank/sim/engine/task.h>
#include <wavetank/sim/scenario.h>
#include <wavetank/sim/strategy.h>
#include <wavetank/sim/time.h>
#include <wavetank/sim/verdict.h>

namespace wavetank::sim {

struct mutex_state;
struct condition_state;

/// Whether decisions are kept and hashed. Always, but in the one benchmark that measures what it costs.
#ifdef WAVETANK_UNRECORDED
inline constexpr bool keeps_records = false;
#else
inline constexpr bool keeps_records = true;
#endif

/// Told of everything that happens, while an execution is told again for people or compared with an earlier one. Not
/// used while exploring.
class witness {
 public:
  struct event {
    std::uint64_t step;
    task_index task;
    operation what;
    time_point time;
  };
  virtual ~witness() = default;
  virtual void happened(const event& e) = 0;
  /// The value that the last event read, wrote or chose.
  virtual void value(std::uint64_t v) = 0;
  /// Free text from the task, the component's log or the world.
  virtual void said(task_index task, std::string_view text) = 0;
  virtual void named(object_id object, std::string_view name) = 0;
  virtual void spawned(task_index task, std::string_view name) = 0;
};

/// A registered interest in a task's death.
class death_watch {
 public:
  explicit death_watch(std::function<void()> callback) : callback_(std::move(callback)) {}
  void disarm() noexcept { disarmed_ = true; }
  bool armed() const noexcept { return !disarmed_; }
  void fire() {
    if (!disarmed_) std::exchange(disarmed_, true), callback_();
  }

 private:
  std::function<void()> callback_;
  bool disarmed_ = false;
};

class scheduler final : public fault_source {
 public:
  scheduler();
  ~scheduler();
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  struct result {
    verdict what;
    std::uint64_t steps = 0;
    std::uint64_t hash = 0;
    std::uint32_t tasks = 0;
    std::vector<std::string> warnings;
  };

  /// Runs `body` as task 0 to the end of all tasks, on the thread that made the scheduler. The decisions stay readable
  /// until the next execution.
  result execute(strategy& answers, const scenario& bounds, const std::function<void()>& body, witness* told = nullptr);

  std::span<const decision> decisions() const noexcept { return decisions_.all(); }

  /// The scheduler of the running simulated task; nullptr outside of one.
  static scheduler* running() noexcept { return running_; }
  /// The same where there must be one.
  static scheduler& here() {
    if (running_ == nullptr) [[unlikely]]
      outside_a_world();
    return *running_;
  }

  // For visible operations ------------------------------------------------------------------------------------------

  object_id new_object() noexcept { return next_object_++; }

  /// Publishes an operation that can go on at once, and returns when it is this task's turn to do it. Not inlined, with
  /// or without records: or the benchmark of what they cost would tell what inlining brings.
  [[gnu::noinline]] void visit(operation op) {
    if (silent_ != 0) [[unlikely]]
      return;
    const task_index me = current_->index;
    pending_[me] = op;
    if (++point_.step >= step_alarm_) [[unlikely]]
      too_many_steps();
    const std::uint32_t alternatives = enabled_.size() + fault_count_;
    // Here, and not when it is this task's turn: all that is hashed is at hand, and nothing outlives the switch.
    take_into_hash(op, me, alternatives);
    if (!unstarted_.empty() && !barrier_) [[unlikely]] {
      switch_to(start_next());
    } else if (alternatives > asks_above_) {
      const transition next = ask(alternatives);
      if (next.code() != me) {
        // A step of another task, the common case, is taken right here: each return after a switch is mispredicted.
        if (next.kind() == transition::what::run) {
          switch_to(*tasks_[next.task()]);
        } else {
          hand_over(resolve(next));
        }
      }
    }
    if (hooked_) [[unlikely]]
      executed_hooked(op);
  }

  /// The same at a place where the task may be killed: throws task_killed.
  void visit_kill_point(const operation& op);

  /// Publishes an operation that cannot go on: the task is disabled until somebody enables it, and is then chosen.
  void visit_blocked(const operation& op);

  void enable(task& t) {
    if (burial_ != nullptr && outlives_burial(t)) [[unlikely]]
      return enable_after_burial(t);
    enabled_.insert(t.index);
    ++point_.enabled_epoch;
  }
  void disable(task& t) noexcept { enabled_.erase(t.index); }
  bool is_enabled(const task& t) const noexcept { return enabled_.contains(t.index); }

  task& self() noexcept { return *current_; }
  task& at(task_index i) noexcept { return *tasks_[i]; }

  /// Takes what an operation read, wrote or decided into the hash of the execution.
  void note(std::uint64_t value) noexcept {
    if (!keeps_records || silent_ != 0) [[unlikely]]
      return;
    noted_ = std::rotl(noted_, 7) + value;
    if (witness_ != nullptr) [[unlikely]]
      witness_->value(value);
  }

  /// The hash of all that has happened in this execution.
  std::uint64_t hash() const noexcept { return hash_ ^ (noted_ * 0x9FB21C651E98DF25u); }

  /// One of `alternatives` values; 0, without a decision, where there is one alternative.
  std::uint32_t choose(decision_kind kind, std::uint32_t alternatives, std::string_view label);

  /// Whether a weak compare-exchange that could succeed fails here.
  bool fail_weakly();

  // Tasks -----------------------------------------------------------------------------------------------------------

  template <class F>
  task& spawn(std::string_view name, F&& function) {
    task& t = new_task(name);
    t.body.emplace(std::forward<F>(function));
    launched(t);
    return t;
  }
  /// The same in another process.
  template <class F>
  task& spawn_in(process_index process, std::string_view name, F&& function) {
    task& t = new_task(name);
    t.process = process;
    t.body.emplace(std::forward<F>(function));
    launched(t);
    return t;
  }
  void join(task& t);
  /// The scenario's body waits for the end of all other tasks, in one step.
  void join_all();
  bool finished(const task& t) const noexcept { return t.state >= task_state::finished; }
  std::uint32_t task_count() const noexcept { return task_count_; }
  /// The task with this identity, or nullptr if it was never of this execution.
  task* find(task_id id) noexcept;
  /// False, and nothing registered, if the task is dead.
  bool watch_death(task_id id, std::shared_ptr<death_watch> watch);
  /// Lets tasks held back by the start barrier go.
  void open_barrier() noexcept { barrier_ = false; }

  // Processes -------------------------------------------------------------------------------------------------------

  process_index new_process() noexcept { return ++process_count_; }
  /// The visible step of whoever is about to kill, at the moment of death; false if nobody is to be killed any more.
  bool may_kill();
  /// Kills one process, or all of them but the harness: none of their tasks takes another visible step. Their stacks
  /// are unwound on the spot, so that nothing leaks, but nobody sees it: no decision, no event, no time, no notice, and
  /// `burying()` tells whoever stands between a process and the outside (a file system) to let nothing through. Does
  /// not return to a task of a killed process, unless that one is unwinding already.
  void kill_process(process_index p) { kill_processes(p, p); }
  void kill_all_processes() { kill_processes(1, process_count_); }
  /// Whether the running task belongs to a killed process.
  bool burying() const noexcept { return burial_ != nullptr; }

  // Time ------------------------------------------------------------------------------------------------------------

  time_point now() noexcept { return now_; }
  /// The wall clock: starts at a fixed date, goes with virtual time, and jumps when told to.
  std::chrono::sys_seconds unix_time() const noexcept {
    return std::chrono::floor<std::chrono::seconds>(wall_clock_at_start + now_.time_since_epoch() + wall_clock_jumps_);
  }
  void jump_wall_clock(duration by) {
    visit({clock_object, 0, operation_kind::now, true});
    wall_clock_jumps_ += by;
  }
  void sleep_until(time_point t);
  void arm_timer(task& t, time_point deadline);
  void disarm_timer(task& t) noexcept;

  // Locks and conditions: the state machines behind sim::mutex and sim::condition_variable ----------------------------

  void lock(mutex_state& m);
  bool try_lock(mutex_state& m);
  void unlock(mutex_state& m);
  /// Returns true if the deadline ended the wait. Throws task_killed, with the mutex held.
  bool wait(condition_state& c, mutex_state& m, const time_point* deadline);
  void notify(condition_state& c, bool all);

  /// Marks something that a campaign must reach ("acknowledged, crashed, recovered"). `what` is a literal.
  void reached(std::string_view what) {
    if (std::find(reached_.begin(), reached_.end(), what) == reached_.end()) reached_.push_back(what);
  }
  const std::vector<std::string_view>& reached_in_this_execution() const noexcept { return reached_; }

  /// A poll that found nothing: this task is passed over until another one has taken a step.
  void relax();

  // Happens-before --------------------------------------------------------------------------------------------------

  /// Clocks are kept from the first plain shared variable on: an ordering of two accesses consists of edges later than
  /// the first of them, so none that matters is missed.
  bool tracking() const noexcept { return tracking_; }
  void start_tracking();
  void acquire_from(const vector_clock& c) { current_->clock.join(c); }
  void release_into(vector_clock& c, bool keep) {
    if (!keep) c.clear();
    c.join(current_->clock);
    current_->clock.tick(current_->index);
  }

  // Verdicts --------------------------------------------------------------------------------------------------------

  /// Ends the execution with this verdict (the first one counts): all tasks are told to die, and no more faults happen.
  void fail(verdict_kind kind, std::string message);
  bool failed() const noexcept { return failure_.failed(); }
  void warn(std::string message);
  /// The end of an assertion that does not hold: fails, lets the other tasks end first if this is the scenario's body
  /// (they may use what it holds), and unwinds.
  [[noreturn]] void fail_and_unwind(verdict_kind kind, std::string message);
  /// What people call the object: its label while the execution is told, else its number.
  std::string object_name(object_id object) const;
  void say(std::string_view text) {
    if (witness_ != nullptr) witness_->said(current_->index, text);
  }
  bool told() const noexcept { return witness_ != nullptr; }
  void name_object(object_id object, std::string_view name) {
    if (witness_ != nullptr) [[unlikely]]
      remember_name(object, name);
  }

  /// What is done in here is the harness's doing: no visible operation, no decision, no event.
  template <class F>
  decltype(auto) unobserved(F&& f) {
    struct scope {
      explicit scope(std::uint32_t& depth) : depth_(depth) { ++depth_; }
      ~scope() { --depth_; }
      std::uint32_t& depth_;
    } const guard{silent_};
    return f();
  }

  /// Whether the running code is the harness's, see `unobserved`.
  bool silent() const noexcept { return silent_ != 0; }

  /// Called, unobserved, after every visible operation of any task.
  void after_each_step(std::function<void()> check) {
    check_ = std::move(check);
    hooked_ = true;
  }

  /// Deterministic random bits for the component under test.
  std::uint64_t random_bits();

  /// Never returns to the running task: for failures inside code that cannot be unwound.
  [[noreturn]] void give_up_running_task();

  // fault_source
  void list_faults(std::vector<transition>& into) const override;
  operation fault_operation(transition fault) const override;

 private:
  friend class forbidden_call_guard;
  class calm_end;

  [[noreturn]] static void outside_a_world();

  /// Which of the tasks that can run, and of the faults that can happen, is next.
  transition ask(std::uint32_t alternatives) {
    const task_index me = current_->index;
    point_.enabled_count = enabled_.size();
    point_.current_enabled = enabled_.contains(me);
    point_.fault_count = fault_count_;
    const transition t = strategy_->schedule(point_);
    // A task is one alternative, or one for each fault that can befall it: three at most.
    static_assert(3 * max_tasks <= 0xFFFF);
    if (keeps_records && alternatives >= 2) {
      decisions_.add({t.code(), static_cast<std::uint16_t>(alternatives), me, decision_kind::schedule});
    }
    return t;
  }
  transition next_transition();
  /// Lets the world do what it is to do, until it is a task's turn.
  task& resolve(transition next);
  /// Whose turn it is when the running task has blocked or ended.
  task& successor();
  fiber_pool::fiber& become(task& t) noexcept {
    current_ = &t;
    point_.current = t.index;
    return *t.fiber;
  }
  void switch_to(task& to) {
    fiber_pool::fiber& from = *current_->fiber;
    pool_.switch_to(from, become(to));
  }
  void hand_over(task& to) {
    if (&to != current_) switch_to(to);
  }
  void executed_hooked(const operation& op);
  void wake_relaxed();
  /// One round a step: what was noted since the last one, and who is about to do what to which object, among how many
  /// that could go on instead.
  void take_into_hash(const operation& op, task_index by, std::uint32_t alternatives) noexcept {
    if (!keeps_records) return;
    hash_round(static_cast<std::uint64_t>(op.kind) << 56 | static_cast<std::uint64_t>(by) << 40 |
               static_cast<std::uint64_t>(alternatives) << 24 | op.object);
  }
  void hash_round(std::uint64_t event) noexcept { hash_ = std::rotl(hash_ ^ event, 29) * 0x9E3779B97F4A7C15u + noted_; }

  fiber_pool::fiber& run_task(task& t);
  void ended_by_exception(task& t, const char* what);
  void die(task& t);
  fiber_pool::fiber& finish(task& t);
  void release_joiners(task& t);
  task& start_next();
  task& new_task(std::string_view name);
  void launched(task& t);
  [[noreturn]] void leave_for_ever();
  void abandon_the_rest();

  void kill_processes(process_index first, process_index last);
  void bury(task& victim);
  void never_start(task& t);
  task& next_of_the_dead();
  task& end_burial();
  bool outlives_burial(const task& t) const noexcept;
  void enable_after_burial(task& t);
  void vanish(task& t);
  void relax_in_burial(const operation& op);

  void apply_fault(transition fault);
  void fire_timer(task& t);
  void doom(task& t);
  void wake_waiter(task& t);
  void throw_if_doomed();
  void wait_for_the_others();
  void remember_name(object_id object, std::string_view name);
  void recount_faults() noexcept;
  bool killable(const task& t) const noexcept;
  void remove_waiter(task& t) noexcept;
  void contend(task& t, mutex_state& m) noexcept;
  void stop_contending(task& t, mutex_state& m) noexcept;
  void take(mutex_state& m) noexcept;
  void give(mutex_state& m) noexcept;
  void too_many_steps();
  transition stuck();
  std::string describe_blockage(verdict_kind& kind) const;
  void find_lock_order_cycles();

  static thread_local constinit inline scheduler* running_ = nullptr;

  fiber_pool pool_;
  std::vector<std::unique_ptr<task>> tasks_;
  std::uint32_t task_count_ = 0;
  std::uint32_t unfinished_ = 0;
  std::uint32_t joining_ = 0;
  task* current_ = nullptr;
  enabled_set enabled_;
  std::vector<operation> pending_;
  scheduling_point point_;
  start_queue unstarted_;
  std::vector<task*> relaxed_;
  bool barrier_ = false;
  bool main_waits_for_all_ = false;
  bool left_behind_ = false;  // some task could not be unwound
  process_index process_count_ = 0;
  std::unique_ptr<burial> burial_;

  strategy* strategy_ = nullptr;
  std::unique_ptr<strategy> calm_end_;
  decision_log decisions_;
  scenario budget_;
  std::uint32_t fault_count_ = 0;
  std::uint32_t asks_above_ = 1;
  std::uint64_t step_alarm_ = 0;
  bool end_game_ = false;

  time_point now_{};
  static constexpr std::chrono::sys_days wall_clock_at_start = std::chrono::sys_days{std::chrono::days{20'000}};
  duration wall_clock_jumps_{};
  std::vector<task*> timers_;  // by deadline, then by arming

  object_id next_object_ = first_free_object;
  std::uint64_t hash_ = 0;
  std::uint64_t noted_ = 0;
  std::uint32_t silent_ = 0;
  bool hooked_ = false;
  witness* witness_ = nullptr;
  std::function<void()> check_;
  bool tracking_ = false;

  verdict failure_;
  std::vector<std::string> warnings_;
  std::vector<std::string_view> reached_;
  std::vector<std::pair<object_id, std::string>> names_;
  std::vector<std::pair<object_id, object_id>> lock_order_;
  std::uint64_t random_state_ = 0;
  const std::function<void()>* body_ = nullptr;
};

struct mutex_state {
  object_id id = 0;
  task* owner = nullptr;
  task* contenders = nullptr;
  vector_clock released;
};

struct condition_state {
  object_id id = 0;
  task* first_waiter = nullptr;
  vector_clock released;
  std::uint32_t idle_notifications = 0;
};

}  // namespace wavetank::sim

// How an execution fails: who says so, what it says, and what the tasks do then.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>

namespace wavetank::sim {

namespace {

// How many visible operations a failed execution may still make while its tasks unwind, before the rest is given up.
constexpr std::uint64_t unwinding_steps = 20'000;

}  // namespace

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
  if (failed() || burying()) return;
  failure_ = {kind, std::move(message)};
  say("FAILED: " + std::string(to_string(kind)) + ": " + failure_.message);
  strategy_ = calm_end_.get();
  asks_above_ = 1;
  budget_ = {};
  barrier_ = false;
  step_alarm_ = point_.step + unwinding_steps;
  for (std::uint32_t i = 0; i < task_count_; ++i) {
    task& t = *tasks_[i];
    if (finished(t)) continue;
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
  if (burying()) give_up_running_task();
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

void scheduler::fail_and_unwind(verdict_kind kind, std::string message) {
  task& me = self();
  if (burying() && pool_.unwinding()) give_up_running_task();
  fail(kind, std::move(message));
  if (me.index == 0) wait_for_the_others();
  me.doomed = me.killed = true;
  throw task_killed{};
}

}  // namespace wavetank::sim

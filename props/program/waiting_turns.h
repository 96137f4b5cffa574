// A program's steps one at a time, where a step may wait: whoever waits misses its turn, and the others go on.
//
// Main says when the next step begins, so that it can let everything else come to rest before.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Used by main; a task for main's own steps and one for each branch.
class waiting_turns {
 public:
  /// `perform(task, step)` does one step on its task; 0: main's own.
  waiting_turns(sim::world& w, const program& p, std::function<void(std::uint64_t, const step&)> perform)
      : perform_(std::move(perform)) {
    tasks_.push_back({0, {p.prefix.begin(), p.prefix.end()}});
    for (const auto& branch : p.branches) tasks_.push_back({tasks_.size(), {branch.begin(), branch.end()}});
    for (task& one : tasks_) w.spawn(task_name(one.number), [this, &one] { body(one); });
  }
  waiting_turns(const waiting_turns&) = delete;
  waiting_turns& operator=(const waiting_turns&) = delete;

  /// Until every step has begun. `takes(step)` is called by main before each, and answers whether main has done it.
  template <class Takes>
  void run(Takes&& takes) {
    const auto has_steps = [](const task& one) { return !one.steps.empty(); };
    while (std::any_of(tasks_.begin(), tasks_.end(), has_steps)) {
      wait_until(
          [&] { return std::any_of(tasks_.begin(), tasks_.end(), [](const task& one) { return one.may_go(); }); });
      for (task& one : tasks_) {
        if (!one.may_go()) continue;
        const step next = one.steps.front();
        one.steps.pop_front();
        if (!takes(next)) hand_over(one, next);
      }
    }
  }

  /// Until every step has ended.
  void wait_for_all() {
    wait_until([&] { return std::none_of(tasks_.begin(), tasks_.end(), [](const task& one) { return one.busy; }); });
  }

  /// The tasks end. After `wait_for_all`.
  void end() {
    const std::lock_guard lock{mutex_};
    over_ = true;
    changed_.notify_all();
  }

 private:
  struct task {
    std::uint64_t number;
    std::deque<step> steps;
    std::optional<step> order{};
    bool busy = false;  ///< with a step

    bool may_go() const { return !busy && !steps.empty(); }
  };

  template <class Holds>
  void wait_until(Holds&& holds) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, std::forward<Holds>(holds));
  }
  void hand_over(task& to, const step& s) {
    const std::lock_guard lock{mutex_};
    to.order = s;
    to.busy = true;
    changed_.notify_all();
  }
  void body(task& me) {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [&] { return over_ || me.order; });
      if (!me.order) return;
      const step s = *std::exchange(me.order, std::nullopt);
      lock.unlock();
      perform_(me.number, s);
      lock.lock();
      me.busy = false;
      changed_.notify_all();
    }
  }

  std::function<void(std::uint64_t, const step&)> perform_;
  sim::mutex mutex_;
  sim::condition_variable changed_;
  std::deque<task> tasks_;
  bool over_ = false;
};

}  // namespace wavetank::props

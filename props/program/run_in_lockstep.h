// A program's steps one at a time: main does its own, then the tasks take turns, and each step is compared with the
// model before the next one begins. Tasks end when their steps do, so that deaths take their turn as well.
//
// Time passes only while a step waits for its deadline, which must then end it to the nanosecond. A call without a
// deadline makes one attempt, since nobody could answer it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>

#include <wavetank/props/program/judge.h>
#include <wavetank/props/program/program_run.h>

namespace wavetank::props {

/// Whose turn it is: 0 main's, else that task's.
class turns {
 public:
  void give(model::task_number to) {
    const std::lock_guard lock{mutex_};
    whose_ = to;
    changed_.notify_all();
  }
  void await(model::task_number mine) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return whose_ == mine; });
  }

 private:
  sim::mutex mutex_;
  sim::condition_variable changed_;
  model::task_number whose_ = 0;
};

template <class Component>
void run_in_lockstep(sim::world& w, const program& p) {
  using run = program_run<Component>;
  run in{w, p, false};
  in.component().one_step_at_a_time();
  turns order;
  const watched_run watch{w, [&in] { in.look(); }};
  typename run::actor main{in, 0};
  in.perform_prefix(main);
  in.start_tasks([&order](typename run::actor& who, const step& s) {
    order.await(who.task);
    who.run.perform(who, s);
    order.give(0);
  });
  std::size_t rounds = 0;
  for (const auto& branch : p.branches) rounds = std::max(rounds, branch.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t b = 0; b < p.branches.size(); ++b) {
      if (round >= p.branches[b].size()) continue;
      order.give(b + 1);
      order.await(0);
      if (round + 1 == p.branches[b].size()) in.await_end(b + 1);
    }
  }
  w.join_all();
  in.look();
  in.component().conclude(main, Component::destroys(p));
  judge_in_lockstep(w, Component::model_of(p), in.record.recorded());
}

}  // namespace wavetank::props

// The properties of the merge semaphore. Templates, so that tests can plant a broken semaphore under them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/merge_semaphore_program.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/program/run_concurrently.h>
#include <wavetank/props/program/run_in_lockstep.h>
#include <wavetank/props/semaphore_budgets.h>

namespace wavetank::props {

/// One step at a time against the model: every row of the table, deadlines to the nanosecond.
template <class Semaphore>
program_property merge_semaphore_lockstep() {
  return program_property{
      in_turn({"semaphore.merge.lockstep", "one call at a time answers as the model does, and deadlines are exact",
               merge_semaphore_words(0, 3, 8),
               [](sim::world& w, const program& p) { run_in_lockstep<merge_semaphore_program<Semaphore>>(w, p); }})};
}

/// Tasks side by side with deaths, time-outs, cancellation, transfers: linearizable, and the invariants always.
template <class Semaphore>
program_property merge_semaphore_concurrent() {
  return program_property{
      {"semaphore.merge.concurrent",
       "tasks side by side, with deaths, time-outs, cancellation and transfers, are linearizable; nothing leaks",
       merge_semaphore_words(2, 4, 4),
       [](sim::world& w, const program& p) {
         run_concurrently<merge_semaphore_program<Semaphore>>(w, p, exploration::sampled);
       },
       semaphore_faults(),
       {"killed while waiting", "time-out raced with a grant", "closed with waiters", "handle outlived its owner",
        "transfer to a dead task", "cancelled while waiting", "timed out while waiting", "released by name"}}};
}

/// A fixed program, for exhaustive search.
template <class Semaphore>
program_property merge_semaphore_scope(std::string name, std::string summary, std::uint32_t tasks,
                                       std::vector<std::string> commands,
                                       exploration as = exploration::exhaustive_with_real_time) {
  return program_property{
      {std::move(name),
       std::move(summary),
       merge_semaphore_words(tasks, tasks, 4),
       [as](sim::world& w, const program& p) { run_concurrently<merge_semaphore_program<Semaphore>>(w, p, as); },
       one_death_and_all_time_outs(),
       {"killed while waiting", "timed out while waiting"},
       std::move(commands)}};
}

}  // namespace wavetank::props

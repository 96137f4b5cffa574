// The plain way to run a program: main does the prefix, then a task does each branch, until all of them have ended.
#pragma once

#include <cstddef>
#include <vector>

#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// `perform(number, step)` does one step of main (0) or of a branch (from 1), on its own task. Tasks of the component
/// go on.
template <class Perform>
void run_side_by_side(sim::world& w, const program& p, Perform perform) {
  for (const step& s : p.prefix) perform(std::uint64_t{0}, s);
  std::vector<sim::task_index> tasks;
  for (std::size_t i = 0; i < p.branches.size(); ++i) {
    const task_id id = w.spawn(task_name(i + 1), [&p, &perform, i] {
      for (const step& s : p.branches[i]) {
        sim::runtime::point("before a step");
        perform(std::uint64_t{i + 1}, s);
      }
    });
    tasks.push_back(sim::scheduler::here().find(id)->index);
  }
  for (const sim::task_index index : tasks) sim::scheduler::here().join(sim::scheduler::here().at(index));
}

}  // namespace wavetank::props

// Who answers the decisions. One implementation a file, under strategies/; each states its guarantee and its paper.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <wavetank/sim/decision.h>
#include <wavetank/sim/operation.h>

namespace wavetank::sim {

/// Lists what the world could do to its tasks at this point within the budgets that are left.
class fault_source {
 public:
  virtual void list_faults(std::vector<transition>& into) const = 0;
  virtual operation fault_operation(transition fault) const = 0;

 protected:
  ~fault_source() = default;
};

/// What a strategy sees when it is asked which transition is next. Every enabled task is parked before its published
/// operation. Valid during the call only.
struct scheduling_point {
  const task_index* enabled = nullptr;  // in no particular, but a reproducible order
  std::uint32_t enabled_count = 0;
  task_index current = 0;  // who ran last, enabled or not
  bool current_enabled = false;
  std::uint32_t task_count = 0;
  std::uint64_t enabled_epoch = 0;     // grows whenever a task becomes enabled
  std::uint64_t step = 0;              // visible operations executed so far
  const operation* pending = nullptr;  // by task index
  std::uint32_t fault_count = 0;       // how many `faults` lists
  const fault_source* faults = nullptr;

  std::span<const task_index> tasks() const noexcept { return {enabled, enabled_count}; }
};

/// An inner decision: one of `alternatives` (>= 2) values.
struct value_point {
  decision_kind kind;
  std::uint32_t alternatives;
  task_index running;
  std::string_view label;
};

class strategy {
 public:
  virtual ~strategy() = default;

  /// Its name with parameters, as `--strategy` takes it: `pct(3)`.
  virtual std::string name() const = 0;

  /// Before an execution. `seed` is the execution's own; false when nothing is left to explore.
  virtual bool begin(std::uint64_t seed) = 0;

  /// One of `point.tasks()` as `transition::run`, or one of the faults that `point.faults` lists. Asked only when there
  /// is more than one.
  virtual transition schedule(const scheduling_point& point) = 0;

  /// An index below `point.alternatives`; 0 is the calmest.
  virtual std::uint32_t choose(const value_point& point) = 0;

  /// After an execution of `steps` visible operations by `tasks` tasks.
  virtual void end(std::uint64_t steps, std::uint32_t tasks) = 0;

  /// Whether `expect` matters to it: told before a program's first execution how large its executions are, measured by
  /// a few random walks.
  virtual bool wants_size() const { return false; }
  virtual void expect([[maybe_unused]] std::uint64_t steps, [[maybe_unused]] std::uint32_t tasks) {}

  /// Whether `schedule` is to be asked (not: recorded) even where there is one alternative.
  virtual bool follows_every_step() const { return false; }
};

/// The calmest transition: the current task if it is enabled, else the next enabled one in cyclic order of index.
transition calmest(const scheduling_point& point) noexcept;

}  // namespace wavetank::sim

// A run of a sync gate, as the steps of its model: each must be one that the model allows then.
//
// What is seen is what is done to the two counters of a shard, and by whom. A writer's addition to the admissions is
// its publication, its next look at the pauses the step that admits it or sends it back; what it takes back after that
// is part of being sent back. A pauser's addition is its pause; a look at the admissions that finds none is the one
// that drains it, and one that finds some is no step. What a dying task takes back is its death. Leaves out: several
// shards, handles that change hands, the waits.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include <wavetank/model/lockstep.h>
#include <wavetank/model/sync_gate.h>
#include <wavetank/props/program/watched_runtime.h>
#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props {

/// Of a gate of one shard. A finding ends the execution; nothing is judged after it.
class gate_record final : public atomic_observer {
 public:
  /// At most so many tasks come to the gate.
  explicit gate_record(std::uint64_t tasks);

  number named(std::string_view name) noexcept override;
  void loaded(number which, value seen, std::memory_order order) noexcept override;
  void stored(number, value) noexcept override {}
  void compared(number, value, value, value) noexcept override {}
  void added(number which, value before, value now) noexcept override;

 private:
  using spec = model::sync_gate;
  using step_kind = spec::step_kind;
  using response = spec::response;

  std::size_t who();
  static bool is_dying();
  void observe(step_kind what, response said = response::done);

  model::lockstep<spec> judge_;
  std::map<sim::task_index, std::size_t> numbers_;  ///< of tasks, as they came
  bool refused_ = false;
};

}  // namespace wavetank::props

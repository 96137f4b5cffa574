// Generated scenes at a sync gate: writers and maintenance over two shards, admissions that change hands, pauses that
// others wait under, deaths and deadlines.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/runtime.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions of the verbs in the vocabulary.
enum class gate_verb : std::uint32_t { enter, hand, leave, pause, lend, watch, resume };

/// The words, for programs of `least` to `most` tasks.
vocabulary gate_words(std::uint32_t least_branches, std::uint32_t most_branches);

/// What must hold: nobody is inside under a drained pause; a pause that has ended is called lost and never drained;
/// what is refused is refused at its deadline; in the end nothing is held.
class gate_program {
 public:
  gate_program(sim::world& w, const program& p);
  void run();

 private:
  using gate_type = sync_gate<sim::runtime>;
  using operands = decltype(step{}.operands);
  /// Handles that tasks share, and the shards that they are for.
  struct handed_token {
    gate_type::token handle;
    gate_type::shard_list over;
    task_id heir;
  };
  struct lent_lease {
    gate_type::lease handle;
    gate_type::shard_list over;
  };

  static constexpr std::size_t shards = 2;

  /// Bits to numbers.
  static gate_type::shard_list shards_of(std::uint64_t mask);
  sim::time_point within(std::uint64_t ms) const;
  void sleep(std::uint64_t ms) { world_.runtime().sleep_until(clock_now() + std::chrono::milliseconds(ms)); }

  void perform(std::uint64_t task, const step& s);
  std::optional<gate_type::token> admitted(const gate_type::shard_list& to, sim::time_point deadline);
  void enter(const operands& o);
  void hand(const operands& o);
  void leave();
  void pause(const operands& o);
  void lend(const operands& o);
  void watch(const operands& o);
  void resume();
  void require_nobody_inside(const gate_type::shard_list& over);
  static bool is_dead(task_id who);

  sim::world& world_;
  const program& what_;
  gate_type gate_;
  std::array<int, shards> inside_{};  ///< between their calls of `enter` and `leave`, by shard
  bool handles_are_shared_ = false;
  std::vector<task_id> tasks_;  ///< main, then those of the branches: main until they have begun
  std::deque<std::shared_ptr<handed_token>> kept_;
  std::deque<std::shared_ptr<lent_lease>> lent_;
};

}  // namespace wavetank::props

// Writers that go through a gate to a batcher, and maintenance that pauses them.
//
// A program is what tasks do side by side: write in every way there is, each behind an admission, and pause all shards
// for a while. While a pause is held nothing may be committed, and the last commit before it is the pauser's barrier.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <wavetank/impl/batch/write_pause.h>
#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/props/batch/write_ledger.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class pause_setting : std::uint32_t { failing_commit, failure };
enum class pause_verb : std::uint32_t { batch, async, write, both, pause, sleep, drain };

/// The words, for programs of `least` to `most` tasks.
vocabulary pause_words(std::uint32_t least_branches, std::uint32_t most_branches);

class pause_program {
 public:
  pause_program(sim::world& w, const program& p);
  void run();

 private:
  using batcher_type = window_batcher<sim::runtime, recorded_backend>;
  using gate_type = sync_gate<sim::runtime>;
  using operands = decltype(step{}.operands);
  using request_number = write_ledger::request_number;
  using write_call = std::function<write_ledger::answer(const std::vector<recorded_write>&)>;

  static constexpr shard_number shards = 2;

  static sim::time_point within(std::uint64_t ms) {
    return ms == 0 ? sim::time_point::max() : clock_now() + std::chrono::milliseconds(ms);
  }
  std::uint64_t setting(pause_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  void perform(std::uint64_t task, const step& s);
  void batch(std::uint64_t task, const operands& o);
  void async(std::uint64_t task, const operands& o);
  void write(std::uint64_t task, const operands& o);
  void both(std::uint64_t task, const operands& o);
  void pause(std::uint64_t task, const operands& o);
  void drain(const operands& o);

  std::optional<gate_type::token> enter(gate_type::shard_list shards, sim::time_point deadline);
  void write_in_call(std::uint64_t task, shard_number shard, const write_call& call);
  void no_pause(const std::vector<request_number>& barriers, const pause_error& why, sim::time_point deadline);
  void hold(const write_pause<sim::runtime, recorded_backend>& held, std::chrono::milliseconds duration);
  void note(const write_ledger::answer& said);
  std::vector<recorded_write> new_write(shard_number shard);

  sim::world& world_;
  const program& what_;
  recorded_backend backend_;
  gate_type gate_;
  batcher_type batcher_;
  std::array<write_ledger, shards> ledgers_;
  bool somebody_pauses_ = false;
  std::uint64_t writes_ = 0;
  std::uint64_t last_barrier_ = 0;
  std::set<std::uint64_t> admitted_;  ///< writes for which the batcher has an admission until they are done with
};

}  // namespace wavetank::props

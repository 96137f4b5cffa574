// A batcher's callers one call at a time, each step of them and of the batcher compared with the model.
//
// The next call comes only when all that can happen has happened, and no two things come at one instant of themselves
// (lockstep_moments.h): what happens, and when, is up to nobody. Leaves out deaths, adaptive windows and several
// commits in flight (batch.batcher.concurrent and .pipelined have them).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/props/batch/batcher_shadow.h>
#include <wavetank/props/batch/lockstep_backend.h>
#include <wavetank/props/batch/lockstep_moments.h>
#include <wavetank/props/batch/write_ledger.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/program/waiting_turns.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class lockstep_setting : std::uint32_t {
  max_items,
  pending,
  takes,
  anonymous,
  end,
  generic_window,
  put_window,
  max_bytes,
  pending_bytes,
  max_work
};
enum class lockstep_verb : std::uint32_t { write, batch, flush, stop, pass, window, plan };

vocabulary batcher_lockstep_words();

class batcher_lockstep final : private commit_listener {
 public:
  batcher_lockstep(sim::world& w, const program& p);
  void run();

 private:
  using batcher = window_batcher<sim::runtime, lockstep_backend>;
  using spec = batcher_shadow::spec;
  using kind = batcher::batch_kind;
  using operands = decltype(step{}.operands);
  using commands = std::vector<recorded_write>;
  using answer = write_ledger::answer;
  /// What is written, and how it goes.
  struct request {
    std::uint64_t submitter;
    commands what;
    sim::time_point deadline;
    bool waits;
    std::size_t in_ledger;
    batcher_shadow::request_number accepted = 0;      ///< 0: it went directly or was refused
    bool direct = false;                              ///< and has not begun
    sim::time_point settled = batcher_shadow::never;  ///< of a direct one: when it has its answer
    std::optional<write_error> failure{};             ///< of a direct one
  };
  using request_ptr = std::shared_ptr<request>;
  /// Does the call; the answer, or nothing if the reply will come.
  using call = std::function<std::optional<answer>(const request_ptr&)>;

  static constexpr shard_number shard = 7;
  static constexpr std::string_view prefixes[] = {"a", "b", "c", "no:prefix"};
  /// Slots of batches come first, then one a prefix.
  static constexpr std::uint64_t batch_kinds = 3;

  std::uint64_t setting(lockstep_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  model::window_batcher_bounds bounds() const;
  batch_options options() const;

  void perform(std::uint64_t task, const step& s);
  bool takes_itself(const step& s);
  void write(std::uint64_t task, const operands& o);
  void write_batch(std::uint64_t task, const operands& o);
  void flush(const operands& o);
  void stop(sim::time_point deadline);
  void set_window(const operands& o);
  void plan(const operands& o);

  request_ptr new_request(std::uint64_t task, commands what, std::uint64_t within, bool waits);
  commands new_commands(std::uint64_t count, std::uint64_t poison, std::uint64_t bytes);
  spec::load load_of(const request& one) const;
  write_error too_large(const request& one) const;
  void in_slot(batcher_shadow::kind_number slot, std::chrono::nanoseconds window, const request_ptr& one,
               const call& does);
  void directly(const request_ptr& one, const call& does);
  bool is_refused(model::window_batcher::response why, const request& one, const std::optional<answer>& said);
  batcher::reply_function reply_to(const request_ptr& one);
  void heard(const request& one, const answer& said);
  void gives_up(request& direct, write_cause why);

  sim::time_point commit_begins(std::span<const recorded_write> batch) override;
  void commit_ends(std::span<const recorded_write> batch, const std::optional<commit_error>& failed) override;
  batcher_shadow::batch requests_of(std::span<const recorded_write> batch) const;

  void next_moment();
  sim::time_point deadline_in(std::uint64_t ms) const;
  void come_to_rest();
  void destroy();

  sim::world& world_;
  const program& what_;
  lockstep_backend backend_;
  write_ledger ledger_;
  batcher_shadow shadow_;
  std::unique_ptr<batcher> batcher_;
  std::map<std::uint64_t, std::chrono::nanoseconds> windows_;  ///< that were set, by prefix
  lockstep_moments moments_;
  std::uint64_t writes_ = 0;
  std::map<task_id, batcher_shadow::request_number> callers_;  ///< tasks that are in a call
  std::map<std::uint64_t, request_ptr> by_command_;            ///< requests, by each of their commands
};

}  // namespace wavetank::props

// A batcher's verbs: what generated programs do with it, and what must hold when all have ended.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/props/batch/batcher_landmarks.h>
#include <wavetank/props/batch/direct_replay.h>
#include <wavetank/props/batch/write_ledger.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class batcher_setting : std::uint32_t {
  max_items,
  failing_commit,
  failure,
  end,
  anonymous,
  max_work,
  adaptive,
  commits,  ///< in flight; only where the backend is pipelined
};
enum class batcher_verb : std::uint32_t { write, batch, async, flush, sleep, stop };

/// The verbs, for programs of `least` to `most` tasks with about so many steps each, and up to so many commits in
/// flight.
vocabulary batcher_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps,
                         std::uint32_t most_commits);

/// `Batcher` is a `window_batcher<sim::runtime, …>` on one of the recorded backends, or a broken variant of it.
template <class Batcher>
class batcher_program {
 public:
  batcher_program(sim::world& w, const program& p) : world_(w), what_(p) {
    backend_.most_items = max_items();
    backend_.names_offenders = setting(batcher_setting::anonymous) == 0;
    if (const auto failing = setting(batcher_setting::failing_commit)) {
      backend_.failures[failing] =
          setting(batcher_setting::failure) == 0 ? commit_error::kind::failed : commit_error::kind::unknown;
    }
    batch_options options;
    options.max_items = max_items();
    options.max_pending_items = 3 * max_items();
    if (const auto most = setting(batcher_setting::max_work)) options.max_work = backend_.most_work = most;
    if (setting(batcher_setting::adaptive) != 0) {
      options.generic_window = batch_window::adaptive(50, std::chrono::milliseconds(5));
    }
    if constexpr (pipelined_backend<typename Batcher::backend_type>) {
      options.max_commits_in_flight = static_cast<std::uint32_t>(setting(batcher_setting::commits));
    }
    batcher_ = std::make_unique<Batcher>(w.runtime(), backend_, std::vector<shard_number>{shard}, options);
  }

  void run() {
    run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
    if (setting(batcher_setting::end) == 0) {
      world_.require(batcher_->stop(shard, Batcher::no_deadline), "it did not stop although nothing kept it");
      world_.require(batcher_->pending_items(shard) == 0, "something is pending after a stop");
    } else if (!ledger_.unanswered().empty()) {
      reached("destroyed with writes queued");
    }
    mark(*batcher_->metrics(shard));
    batcher_.reset();
    world_.require(ledger_.unanswered().empty(), "a request was never answered");
    const std::string wrong = ledger_.judge(backend_);
    world_.require(wrong.empty(), wrong);
    const std::string unlike = unlike_direct<Batcher>(world_.runtime(), ledger_, backend_);
    world_.require(unlike.empty(), unlike);
  }

 private:
  using request_number = write_ledger::request_number;
  static constexpr shard_number shard = 7;

  std::uint64_t setting(batcher_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  std::uint64_t max_items() const { return setting(batcher_setting::max_items); }

  static sim::time_point after(std::uint64_t ms) {
    return ms == 0 ? Batcher::no_deadline : clock_now() + std::chrono::milliseconds(ms);
  }

  void perform(std::uint64_t task, const step& s) {
    const auto& o = s.operands;
    switch (static_cast<batcher_verb>(s.verb)) {
      case batcher_verb::write:
        return write(task, o);
      case batcher_verb::batch:
        return batch(task, o);
      case batcher_verb::async:
        return batch_async(task, o);
      case batcher_verb::flush:
        return flush(o[0]);
      case batcher_verb::sleep:
        return world_.runtime().sleep_until(after(o[0]) - std::chrono::nanoseconds(1));
      case batcher_verb::stop:
        return stop(o[0]);
    }
  }

  using operands = decltype(step{}.operands);

  std::vector<recorded_write> new_writes(std::uint64_t count, std::uint64_t poison) {
    std::vector<recorded_write> all;
    for (std::uint64_t i = 0; i < count; ++i) {
      all.push_back({++writes_, static_cast<std::uint32_t>(writes_ % 2), writes_ % 3 == 0, poison != 0 && i == 0});
    }
    return all;
  }

  /// A call that blocks, as it is recorded.
  template <class Call>
  void blocking(std::uint64_t task, std::vector<recorded_write> commands, Call&& call) {
    const request_number mine = ledger_.submits(task, std::move(commands));
    try {
      write_ledger::answer said = call();
      note(said);
      ledger_.answered(mine, std::move(said));
    } catch (const sim::task_killed&) {
      reached("killed in a write");
      ledger_.unheard(mine);
      throw;
    }
  }

  /// Operands: window in ms, poison.
  void write(std::uint64_t task, const operands& o) {
    auto commands = new_writes(1, o[1]);
    const recorded_write one = commands.front();
    blocking(task, std::move(commands), [&]() -> write_ledger::answer {
      auto said = batcher_->write(shard, "a", one, std::chrono::milliseconds(o[0]));
      if (!said) return tl::make_unexpected(said.error());
      return std::vector<std::uint64_t>{*said};
    });
  }

  /// Operands: kind, count, poison, deadline in ms.
  void batch(std::uint64_t task, const operands& o) {
    auto commands = new_writes(o[1], o[2]);
    blocking(task, commands, [&] {
      return batcher_->write_batch(shard, static_cast<typename Batcher::batch_kind>(o[0]), commands, after(o[3]));
    });
  }

  void batch_async(std::uint64_t task, const operands& o) {
    auto commands = new_writes(o[1], o[2]);
    const request_number mine = ledger_.submits(task, commands);
    const auto reply = [this, mine](write_ledger::answer said) {
      note(said);
      ledger_.replied(mine, std::move(said));
    };
    try {
      auto done = batcher_->write_batch_async(shard, static_cast<typename Batcher::batch_kind>(o[0]),
                                              std::move(commands), reply, nullptr, after(o[3]));
      auto* const direct = std::get_if<typename Batcher::batch_answer>(&done);
      if (direct == nullptr) return ledger_.returned_queued(mine);
      note(*direct);
      ledger_.answered(mine, std::move(*direct));
    } catch (const sim::task_killed&) {
      if (!ledger_.is_answered(mine)) ledger_.unheard(mine);
      throw;
    }
  }

  void flush(std::uint64_t within) {
    const auto before = ledger_.unanswered_asynchronous();
    if (!batcher_->flush(shard, after(within))) return reached("a flush timed out");
    for (const request_number each : before) {
      sim::require(ledger_.is_answered(each), "a flush answered before what was accepted before it");
    }
    if (!before.empty()) reached("a flush waited");
  }

  void stop(std::uint64_t within) {
    if (batcher_->stop(shard, after(within))) return;
    reached("a stop came to its deadline");
  }

  static void note(const write_ledger::answer& said) {
    if (!said) mark(said.error());
  }

  sim::world& world_;
  const program& what_;
  typename Batcher::backend_type backend_;
  write_ledger ledger_;
  std::unique_ptr<Batcher> batcher_;
  std::uint64_t writes_ = 0;
};

}  // namespace wavetank::props

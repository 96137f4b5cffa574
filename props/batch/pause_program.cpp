#include <wavetank/props/batch/pause_program.h>

#include <utility>
#include <variant>

#include <wavetank/props/batch/batcher_landmarks.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>

namespace wavetank::props {

namespace {

/// Somebody pauses while it lives, also when its task is killed.
class turn_to_pause {
 public:
  turn_to_pause(bool& taken, recorded_backend& backend) : taken_(taken), backend_(backend), usual_(backend.takes) {
    taken_ = true;
  }
  turn_to_pause(const turn_to_pause&) = delete;
  turn_to_pause& operator=(const turn_to_pause&) = delete;
  ~turn_to_pause() {
    taken_ = false;
    backend_.takes = usual_;
  }
  /// What is still on its way comes behind the barriers.
  void make_barriers_quick() { backend_.takes = {}; }

 private:
  bool& taken_;
  recorded_backend& backend_;
  const std::chrono::nanoseconds usual_;
};

}  // namespace

vocabulary pause_words(std::uint32_t least_branches, std::uint32_t most_branches) {
  constexpr auto number = operand_kind::number;
  const operand shard{"shard", number, 0, 1, 0};
  const operand how{"kind", number, 0, 2, 0};
  const operand deadline{"within", number, 0, 1'000, 0, 4};
  vocabulary words;
  words.settings = {
      {"failing_commit", number, 0, 6, 0}, {"failure", number, 0, 1, 0},  // nothing happened, or unknown
  };
  words.verbs = {
      {"batch", false, 4, {shard, how, deadline}},
      {"async", false, 6, {shard, how, deadline, {"leaves", number, 0, 1, 0}}},
      {"write", false, 3, {shard, {"window", number, 0, 10'000, 0, 4}, deadline}},
      {"both", false, 2, {how, deadline}},
      {"pause", false, 6, {deadline, {"hold", number, 0, 10, 0, 2}}},
      {"sleep", false, 2, {{"ms", number, 1, 10, 1, 2}}},
      {"drain", false, 3, {deadline, {"hold", number, 0, 10, 0, 2}}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = 4;
  return words;
}

pause_program::pause_program(sim::world& w, const program& p)
    : world_(w), what_(p), gate_(w.runtime(), shards), batcher_(w.runtime(), backend_, {0, 1}) {
  if (const auto failing = setting(pause_setting::failing_commit)) {
    backend_.failures[failing] =
        setting(pause_setting::failure) == 0 ? commit_error::kind::failed : commit_error::kind::unknown;
  }
}

void pause_program::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
  for (shard_number one = 0; one < shards; ++one) {
    world_.require(gate_.pauses(one) == 0, "a pause has leaked");
    world_.require(batcher_.stop(one, sim::time_point::max()), "a batcher did not stop although nothing kept it");
    world_.require(gate_.admissions(one) == 0, "an admission has leaked");
    world_.require(ledgers_[one].unanswered().empty(), "a request was never answered");
    const std::string wrong = ledgers_[one].judge(backend_);
    world_.require(wrong.empty(), wrong);
  }
}

void pause_program::perform(std::uint64_t task, const step& s) {
  switch (static_cast<pause_verb>(s.verb)) {
    case pause_verb::batch:
      return batch(task, s.operands);
    case pause_verb::async:
      return async(task, s.operands);
    case pause_verb::write:
      return write(task, s.operands);
    case pause_verb::both:
      return both(task, s.operands);
    case pause_verb::pause:
      return pause(task, s.operands);
    case pause_verb::sleep:
      return world_.runtime().sleep_until(within(s.operands[0]));
    case pause_verb::drain:
      return drain(s.operands);
  }
}

// Writers -------------------------------------------------------------------------------------------------------------

std::optional<pause_program::gate_type::token> pause_program::enter(gate_type::shard_list some,
                                                                    sim::time_point deadline) {
  const bool paused = gate_.pauses(some.front()) != 0;
  auto inside = some.size() == 1 ? gate_.enter(some.front(), deadline) : gate_.enter_many(some, deadline);
  if (inside) {
    if (paused) reached("a writer waited for the end of a pause");
    return std::move(*inside);
  }
  sim::require(inside.error() == gate_error::timed_out && deadline <= clock_now(), "turned away without a reason");
  reached("a writer was turned away");
  return std::nullopt;
}

/// Each shard has two keys.
std::vector<recorded_write> pause_program::new_write(shard_number shard) {
  ++writes_;
  return {{writes_, static_cast<std::uint32_t>(2 * shard + writes_ % 2), writes_ % 3 == 0}};
}

void pause_program::note(const write_ledger::answer& said) {
  if (!said) mark(said.error());
}

void pause_program::write_in_call(std::uint64_t task, shard_number shard, const write_call& call) {
  const auto commands = new_write(shard);
  const request_number mine = ledgers_[shard].submits(task, commands);
  try {
    write_ledger::answer said = call(commands);
    note(said);
    ledgers_[shard].answered(mine, std::move(said));
  } catch (const sim::task_killed&) {
    reached("killed in a write");
    ledgers_[shard].unheard(mine);
    throw;
  }
}

/// Operands: shard, kind, deadline in ms.
void pause_program::batch(std::uint64_t task, const operands& o) {
  const auto shard = static_cast<shard_number>(o[0]);
  const auto deadline = within(o[2]);
  const auto inside = enter({shard}, deadline);
  if (!inside) return;
  write_in_call(task, shard, [&](const auto& commands) {
    return batcher_.write_batch(shard, static_cast<batcher_type::batch_kind>(o[1]), commands, deadline);
  });
}

/// Operands: shard, kind, deadline in ms, and whether the writer leaves the gate when it has queued its write; else the
/// batcher has the admission.
void pause_program::async(std::uint64_t task, const operands& o) {
  const auto shard = static_cast<shard_number>(o[0]);
  const auto deadline = within(o[2]);
  auto inside = enter({shard}, deadline);
  if (!inside) return;
  const auto commands = new_write(shard);
  const request_number mine = ledgers_[shard].submits(task, commands);
  const auto reply = [this, shard, mine](write_ledger::answer said) {
    note(said);
    ledgers_[shard].replied(mine, std::move(said));
  };
  try {
    auto done = batcher_.write_batch_async(shard, static_cast<batcher_type::batch_kind>(o[1]), commands, reply,
                                           o[3] == 0 ? &*inside : nullptr, deadline);
    auto* const direct = std::get_if<batcher_type::batch_answer>(&done);
    if (direct == nullptr) {
      if (o[3] == 0) admitted_.insert(commands.front().number);
      return ledgers_[shard].returned_queued(mine);
    }
    sim::require(inside->valid(), "a direct write took the admission");
    note(*direct);
    ledgers_[shard].answered(mine, std::move(*direct));
  } catch (const sim::task_killed&) {
    if (!ledgers_[shard].is_answered(mine)) ledgers_[shard].unheard(mine);
    throw;
  }
}

/// Operands: shard, window in ms, deadline in ms.
void pause_program::write(std::uint64_t task, const operands& o) {
  const auto shard = static_cast<shard_number>(o[0]);
  const auto deadline = within(o[2]);
  const auto inside = enter({shard}, deadline);
  if (!inside) return;
  write_in_call(task, shard, [&](const auto& commands) -> write_ledger::answer {
    auto said = batcher_.write(shard, "a", commands.front(), std::chrono::milliseconds(o[1]), deadline);
    if (!said) return tl::make_unexpected(std::move(said.error()));
    return std::vector<std::uint64_t>{*said};
  });
}

/// One write to each shard under one admission. Operands: kind, deadline in ms.
void pause_program::both(std::uint64_t task, const operands& o) {
  const auto deadline = within(o[1]);
  const auto inside = enter({0, 1}, deadline);
  if (!inside) return;
  for (shard_number one = 0; one < shards; ++one) {
    write_in_call(task, one, [&](const auto& commands) {
      return batcher_.write_batch(one, static_cast<batcher_type::batch_kind>(o[0]), commands, deadline);
    });
  }
}

// Maintenance ---------------------------------------------------------------------------------------------------------

/// One at a time, as the callers of `pause_writes` must agree. Operands: deadline in ms, how long in ms.
void pause_program::pause(std::uint64_t task, const operands& o) {
  if (somebody_pauses_) return;
  turn_to_pause mine{somebody_pauses_, backend_};
  const auto deadline = within(o[0]);
  std::vector<request_number> barriers;
  const auto barrier = [&](shard_number shard) {
    sim::require(clock_now() < deadline, "a barrier is begun after the deadline");
    mine.make_barriers_quick();
    const auto command = new_write(shard);
    last_barrier_ = command.front().number;
    barriers.push_back(ledgers_[shard].submits(task, command));
    return command.front();
  };
  try {
    auto held = pause_writes(world_.runtime(), gate_, batcher_, {0, 1}, barrier, deadline);
    if (!held) return no_pause(barriers, held.error(), deadline);
    sim::require(held->barriers.size() == shards, "a pause without all of its barriers");
    for (std::size_t i = 0; i < barriers.size(); ++i) {
      ledgers_[i].answered(barriers[i], std::vector<std::uint64_t>{held->barriers[i]});
    }
    hold(*held, std::chrono::milliseconds(o[1]));
  } catch (const sim::task_killed&) {
    reached("killed in a pause");
    for (std::size_t i = 0; i < barriers.size(); ++i) {
      if (!ledgers_[i].is_answered(barriers[i])) ledgers_[i].unheard(barriers[i]);
    }
    throw;
  }
}

/// By the gate alone: what an admission stands for is over, whatever its deadline has answered. Operands: deadline in
/// ms, how long in ms.
void pause_program::drain(const operands& o) {
  if (somebody_pauses_) return;
  const turn_to_pause mine{somebody_pauses_, backend_};
  const auto held = gate_.pause({0, 1});
  sim::require(held.has_value(), "no pause");
  if (!gate_.await_drained(*held, within(o[0]))) return reached("not drained");
  reached("drained by the gate alone");
  const std::size_t committed = backend_.log().size();
  world_.runtime().sleep_until(clock_now() + std::chrono::milliseconds(o[1]));
  for (std::size_t i = committed; i < backend_.log().size(); ++i) {
    sim::require(!admitted_.contains(backend_.log()[i].number), "what was admitted is committed after the drain");
  }
}

/// The results of the barriers before the one that failed are lost.
void pause_program::no_pause(const std::vector<request_number>& barriers, const pause_error& why,
                             sim::time_point deadline) {
  const char* const steps[] = {"no gate", "not drained", "not flushed", "no barrier"};
  reached(steps[static_cast<std::size_t>(why.at)]);
  const auto* const at_gate = std::get_if<gate_error>(&why.why);
  const auto* const at_barrier = std::get_if<write_error>(&why.why);
  const bool timed_out =
      at_gate != nullptr ? *at_gate == gate_error::timed_out : at_barrier->cause == write_cause::deadline;
  sim::require(timed_out ? deadline <= clock_now() : at_barrier != nullptr, "given up for no reason");
  for (shard_number one = 0; one < shards; ++one) {
    sim::require(gate_.pauses(one) == 0, "a pause that failed goes on");
  }
  for (std::size_t i = 0; i < barriers.size(); ++i) {
    if (at_barrier == nullptr || i != why.shard) {
      ledgers_[i].unheard(barriers[i]);
    } else {
      ledgers_[i].answered(barriers[i], tl::make_unexpected(*at_barrier));
    }
  }
}

/// Nothing moves while it is held.
void pause_program::hold(const write_pause<sim::runtime, recorded_backend>& held, std::chrono::milliseconds duration) {
  reached("paused");
  const std::size_t committed = backend_.log().size();
  const auto barrier = [&](std::size_t from_last) { return backend_.log()[committed - from_last].number; };
  sim::require(committed >= shards && barrier(2) + 1 == barrier(1) && barrier(1) == last_barrier_,
               "the last writes before a pause are not its barriers");
  const auto at_rest = [&] {
    sim::require(backend_.log().size() == committed, "a write was committed during a pause");
    sim::require(held.lease.valid(), "a pause ended although nobody ended it");
    for (shard_number one = 0; one < shards; ++one) {
      sim::require(batcher_.pending_items(one) == 0, "something is pending during a pause");
    }
  };
  at_rest();
  world_.runtime().sleep_until(clock_now() + duration);
  at_rest();
}

}  // namespace wavetank::props

#include <wavetank/props/buffer/queue_run.h>

#include <wavetank/props/buffer/buffer_ending.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>

#include <span>
#include <utility>

namespace wavetank::props {

namespace {

buffer_ledger::numbers numbers_of(const queue_run::table& whole) {
  buffer_ledger::numbers all;
  whole.for_each([&](const buffer_record& one) { all.push_back(one.number); });
  return all;
}

}  // namespace

vocabulary queue_run_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  vocabulary words = queue_words(least_branches, most_branches, most_steps);
  words.settings.push_back({"writers", operand_kind::number, 0, 1, 0});
  return words;
}

queue_run::queue_run(sim::world& w, const program& p)
    : world_(w),
      what_(p),
      ledger_(ledger_terms(p)),
      processor_(w, [this](std::size_t, std::uint64_t producer) { put(producer, 1, 1); }) {
  batch_processor<sim::runtime, table> to;
  to.batch = [this](std::span<const buffer_record> batch, const context& c) {
    const auto before = numbers_of(batch);
    processor_.process(ledger_, before, c);
    // What a call can see stays alive, however late it returns.
    const auto seen = numbers_of(batch);
    if (seen != before) sim::scheduler::here().fail_and_unwind(sim::verdict_kind::assertion, "a batch has changed");
  };
  to.table = [this](const std::shared_ptr<const table>& whole, const context& c) {
    processor_.process(ledger_, numbers_of(*whole), c);
  };
  to.dead_letter = [this](std::span<const buffer_record> batch) { ledger_.dead_letter(numbers_of(batch)); };
  to.dead_letter_table = [this](const std::shared_ptr<const table>& whole) { ledger_.dead_letter(numbers_of(*whole)); };
  auto made = partition::make(w.runtime(), std::move(to), queue_options(what_), {}, &listener_);
  w.require(made.has_value(), "the options are refused");
  owner_ = std::move(*made);
  partition_ = owner_.get();
}

// Steps -----------------------------------------------------------------------------------------------------------

void queue_run::put(std::uint64_t producer, std::uint64_t count, std::uint64_t within_ms) {
  const auto mine = ledger_.put_begins(producer, count);
  std::vector<buffer_record> records;
  for (const auto one : mine) records.push_back({producer, one});
  try {
    const auto said = count == 1 ? put_as(producer, records.front(), after_ms(within_ms))
                                 : put_as(producer, std::move(records), after_ms(within_ms));
    if (said) return ledger_.accepted(mine);
    ledger_.refused(mine, said.error().what == put_problem::closed);
    if (said.error().what == put_problem::closed) reached("a put was told that it is closed");
    if (said.error().what == put_problem::deadline) reached("a put waited for room to its deadline");
  } catch (const sim::task_killed&) {
    reached("killed while waiting for room");
    ledger_.unheard(mine);
    throw;
  }
}

template <class Record>
tl::expected<void, put_error> queue_run::put_as(std::uint64_t producer, Record record, sim::time_point until) {
  if (setting(queue_setting::writers) == 0) return partition_->put(std::move(record), until);
  auto own = writers_.find(producer);
  if (own == writers_.end()) own = writers_.emplace(producer, partition_->writer()).first;
  reached("a producer put through a writer of its own");
  return own->second.put(std::move(record), until);
}

/// A lease that is held across points at which its task may die, with or without a record.
void queue_run::hold(std::uint64_t task, const operands& o) {
  const std::uint64_t shard = o[1] % setting(queue_setting::shards);
  const std::uint64_t producer = 100 + 2 * task + shard;
  const auto mine = ledger_.put_begins(producer, o[0]);
  {
    auto lease = partition_->current_table(shard);
    if (!lease) return ledger_.refused(mine, true);
    try {
      sim::runtime::point("holds a lease");
    } catch (const sim::task_killed&) {
      reached("killed while it held a lease");
      ledger_.refused(mine, false);
      throw;
    }
    if (!mine.empty()) lease.table().insert(lease, table::prepare({}, buffer_record{producer, mine.front()}));
    ledger_.written(mine);
    sim::runtime::point("has written under a lease");
  }
  ledger_.lease_ended(mine);
}

void queue_run::flush(std::uint64_t within_ms) {
  const auto begun = ledger_.flush_begins();
  if (!partition_->flush(after_ms(within_ms))) return reached("a flush did not come to its end");
  ledger_.flushed(begun);
  reached("a flush has answered");
}

void queue_run::stop(sim::time_point deadline) {
  ledger_.stop_begins();
  const auto report = partition_->stop(deadline);
  if (report.already_stopped) return;
  ledger_.given_back(numbers_of(report.rest));
  ledger_.stop_has_returned(report.processor_stuck);
  check_stop(report);
}

void queue_run::update(const operands& o) {
  sim::require(partition_->update_options(updated_options(what_, o[0], o[1])).has_value(), "an update is refused");
}

void queue_run::perform(std::uint64_t task, const step& s) {
  const auto& o = s.operands;
  switch (static_cast<queue_verb>(s.verb)) {
    case queue_verb::put:
      return put(task, o[0], o[1]);
    case queue_verb::hold:
      return hold(task, o);
    case queue_verb::flush:
      return flush(o[0]);
    case queue_verb::sleep:
      return world_.runtime().sleep_until(after_ms(o[0]));
    case queue_verb::plan:
      return processor_.plan(o[0], static_cast<processor_plan>(o[1]));
    case queue_verb::update:
      return update(o);
    case queue_verb::stop:
      return stop(after_ms(o[0]));
  }
}

void queue_run::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
  end();
}

void queue_run::end() {
  const auto how = static_cast<buffer_end>(setting(queue_setting::end));
  if (!end_by_a_stop(world_, how, *partition_, [this](sim::time_point deadline) { stop(deadline); })) {
    return owner_.reset();
  }
  const buffer_counts counts = partition_->counts();
  if (counts.late_retries != 0) reached("a writer met a swap");
  owner_.reset();
  ledger_.judge(counts);
}

}  // namespace wavetank::props

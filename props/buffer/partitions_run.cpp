#include <wavetank/props/buffer/partitions_run.h>

#include <wavetank/props/buffer/buffer_ending.h>
#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>

#include <algorithm>
#include <span>
#include <utility>

namespace wavetank::props {

vocabulary partitions_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand within{"within", number, 0, 1'000, 0, 30};
  const operand to{"to", number, 0, 2, 0};
  vocabulary words = queue_words(least_branches, most_branches, most_steps);
  words.settings.push_back({"partitions", number, 2, 3, 2});
  words.verbs = {
      {"put", false, 8, {{"count", number, 1, 2, 1}, to, within}},
      {"push", false, 8, {{"count", number, 1, 3, 2}, to, within}},
      {"flush", false, 3, {within}},
      {"sleep", false, 4, {{"ms", number, 1, 100, 1, 30}}},
      {"plan", false, 4, {{"call", number, 1, 6, 1}, {"how", number, 0, 3, 0}}},
      {"update", false, 1, {{"threshold", number, 0, 3, 0}, {"interval", number, 1, 30, 10}}},
      {"stop", false, 1, {within}},
  };
  return words;
}

namespace {

buffer_ledger::terms terms_of(const program& p) {
  buffer_ledger::terms t = ledger_terms(p);
  t.most_held = 0;  // a partition has no bound of its own
  return t;
}

}  // namespace

/// The bound of its partitions' options is that of the buffer.
buffer_options partitions_run::options_of(partition_options each) const {
  buffer_options all;
  all.partitions = ledgers_.size();
  std::swap(all.max_records, each.max_records);
  all.each = each;
  return all;
}

batch_processor<sim::runtime, partitions_run::table> partitions_run::processor_of(partitions_run& run) {
  const auto records_of = [](const table& whole) {
    std::vector<buffer_record> all;
    whole.for_each([&](const buffer_record& one) { all.push_back(one); });
    return all;
  };
  batch_processor<sim::runtime, table> to;
  to.batch = [&run](std::span<const buffer_record> batch, const context& c) { run.process(batch, c); };
  to.table = [&run, records_of](const std::shared_ptr<const table>& whole, const context& c) {
    run.process(records_of(*whole), c);
  };
  to.dead_letter = [&run](std::span<const buffer_record> batch) { run.dead_letters(batch); };
  to.dead_letter_table = [&run, records_of](const std::shared_ptr<const table>& whole) {
    run.dead_letters(records_of(*whole));
  };
  return to;
}

partitions_run::partitions_run(sim::world& w, const program& p)
    : world_(w),
      what_(p),
      ledgers_(static_cast<std::size_t>(p.settings[partitions_setting]), buffer_ledger{terms_of(p)}),
      processor_(w, [this](std::size_t partition, std::uint64_t producer) { put(producer, partition, 1, 1); }) {
  auto made = buffer::make(
      w.runtime(), processor_of(*this), options_of(queue_options(p)),
      {.route = [](const buffer_record& one, std::size_t n) { return partition_of(one, n); }, .listener = &listener_});
  w.require(made.has_value(), "the options are refused");
  owner_ = std::move(*made);
  buffer_ = owner_.get();
}

/// A task is a producer of its own in each partition, which its number tells.
std::uint64_t partitions_run::producer_of(std::uint64_t task, std::size_t partition) const {
  return task * ledgers_.size() + partition;
}
std::size_t partitions_run::partition_of(const buffer_record& one, std::size_t partitions) {
  return static_cast<std::size_t>(one.producer % partitions);
}

// The processor ---------------------------------------------------------------------------------------------------

buffer_ledger::numbers partitions_run::numbers_in(std::size_t partition, std::span<const buffer_record> records) const {
  numbers all;
  for (const buffer_record& one : records) {
    if (partition_of(one) == partition) all.push_back(one.number);
  }
  return all;
}

void partitions_run::process(std::span<const buffer_record> batch, const context& c) {
  struct presence {
    explicit presence(std::uint64_t& n) : count(n) { ++count; }
    ~presence() { --count; }
    std::uint64_t& count;
  } const here{at_work_};
  if (at_work_ > 1) reached("two partitions were processed side by side");
  const numbers its = numbers_in(c.partition, batch);
  sim::require(its.size() == batch.size(), "a record is given by another partition than its own");
  processor_.process(ledgers_[c.partition], its, c);
}

void partitions_run::dead_letters(std::span<const buffer_record> batch) {
  ledgers_[partition_of(batch.front())].dead_letter(numbers_in(partition_of(batch.front()), batch));
}

// Steps -----------------------------------------------------------------------------------------------------------

/// Puts as `how` does, and writes down what came of it.
template <class Put>
void partitions_run::put_in(const shares& mine, Put&& how) {
  try {
    answered(mine, how());
  } catch (const sim::task_killed&) {
    reached("killed while waiting for room");
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (!mine[i].empty()) ledgers_[i].unheard(mine[i]);
    }
    throw;
  }
}

/// Of the whole buffer. Partition for partition: what one of them took may have been processed before the next one was
/// asked.
void partitions_run::check_bound(const shares& mine) const {
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (!mine[i].empty()) ledgers_[i].check_bound(mine[i], ledger_terms(what_), ledgers_);
  }
}

/// Of several partitions, a refusal is of one at least: what became of the others is not heard.
void partitions_run::answered(const shares& mine, const tl::expected<void, put_error>& said) {
  const auto asked = std::count_if(mine.begin(), mine.end(), [](const numbers& some) { return !some.empty(); });
  for (std::size_t i = 0; i < mine.size(); ++i) {
    if (mine[i].empty()) continue;
    if (said) {
      ledgers_[i].accepted(mine[i]);
    } else if (asked == 1) {
      ledgers_[i].refused(mine[i], said.error().what == put_problem::closed);
    } else {
      ledgers_[i].unheard(mine[i]);
    }
  }
  if (said) check_bound(mine);
  if (asked > 1) reached(said ? "several partitions took a push" : "a push was refused by one of its partitions");
  if (said) return;
  if (said.error().what == put_problem::closed) reached("a put was told that it is closed");
  if (said.error().what == put_problem::deadline) reached("a put waited for room to its deadline");
}

/// To the partition that is named.
void partitions_run::put(std::uint64_t task, std::size_t to, std::uint64_t count, std::uint64_t within_ms) {
  shares mine(ledgers_.size());
  const std::uint64_t producer = producer_of(task, to);
  mine[to] = ledgers_[to].put_begins(producer, count);
  std::vector<buffer_record> records;
  for (const auto one : mine[to]) records.push_back({producer, one});
  put_in(mine, [&] {
    return count == 1 ? buffer_->put_to(to, records.front(), after_ms(within_ms))
                      : buffer_->put_to(to, std::move(records), after_ms(within_ms));
  });
}

/// Each to where it belongs. Operands: how many, where the first belongs (the next to the next), deadline in ms.
void partitions_run::push(std::uint64_t task, const operands& o) {
  shares mine(ledgers_.size());
  std::vector<buffer_record> records;
  for (std::uint64_t i = 0; i < o[0]; ++i) {
    const std::size_t to = static_cast<std::size_t>(o[1] + i) % ledgers_.size();
    const std::uint64_t producer = producer_of(task, to);
    mine[to].push_back(ledgers_[to].put_begins(producer, 1).front());
    records.push_back({producer, mine[to].back()});
  }
  put_in(mine, [&] {
    return records.size() == 1 ? buffer_->put(records.front(), after_ms(o[2]))
                               : buffer_->push(std::move(records), after_ms(o[2]));
  });
}

void partitions_run::flush(std::uint64_t within_ms) {
  std::vector<std::uint64_t> begun;
  for (auto& each : ledgers_) begun.push_back(each.flush_begins());
  if (!buffer_->flush(after_ms(within_ms))) return reached("a flush did not come to its end");
  for (std::size_t i = 0; i < ledgers_.size(); ++i) ledgers_[i].flushed(begun[i]);
  reached("a flush has answered");
}

/// To all partitions or to none.
void partitions_run::update(const operands& o) {
  const buffer_options changed = options_of(updated_options(what_, o[0], o[1]));
  buffer_options wrong = changed;
  wrong.partitions = ledgers_.size() + 1;
  sim::require(!buffer_->update_options(wrong), "the number of partitions was updated");
  sim::require(buffer_->update_options(changed).has_value(), "an update is refused");
}

void partitions_run::stop(sim::time_point deadline) {
  for (auto& each : ledgers_) each.stop_begins();
  const auto report = buffer_->stop(deadline);
  if (report.already_stopped) return;
  const auto in_order = [&](const buffer_record& a, const buffer_record& b) {
    return partition_of(a) < partition_of(b);
  };
  sim::require(std::is_sorted(report.rest.begin(), report.rest.end(), in_order),
               "a stop does not give back partition after partition");
  for (std::size_t i = 0; i < ledgers_.size(); ++i) {
    ledgers_[i].given_back(numbers_in(i, report.rest));
    ledgers_[i].stop_has_returned(report.processor_stuck);
  }
  check_stop(report);
}

void partitions_run::perform(std::uint64_t task, const step& s) {
  const auto& o = s.operands;
  switch (static_cast<partitions_verb>(s.verb)) {
    case partitions_verb::put:
      return put(task, static_cast<std::size_t>(o[1]) % ledgers_.size(), o[0], o[2]);
    case partitions_verb::push:
      return push(task, o);
    case partitions_verb::flush:
      return flush(o[0]);
    case partitions_verb::sleep:
      return world_.runtime().sleep_until(after_ms(o[0]));
    case partitions_verb::plan:
      return processor_.plan(o[0], static_cast<processor_plan>(o[1]));
    case partitions_verb::update:
      return update(o);
    case partitions_verb::stop:
      return stop(after_ms(o[0]));
  }
}

void partitions_run::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
  end();
}

void partitions_run::end() {
  const auto how = static_cast<buffer_end>(what_.settings[static_cast<std::size_t>(queue_setting::end)]);
  if (!end_by_a_stop(world_, how, *buffer_, [this](sim::time_point deadline) { stop(deadline); })) {
    return owner_.reset();
  }
  judge();
}

void partitions_run::judge() {
  const buffer_counts whole = buffer_->counts();
  std::vector<buffer_counts> each;
  for (std::size_t i = 0; i < ledgers_.size(); ++i) each.push_back(buffer_->counts(i));
  owner_.reset();
  std::uint64_t accepted = 0;
  for (std::size_t i = 0; i < ledgers_.size(); ++i) {
    ledgers_[i].judge(each[i]);
    accepted += each[i].accepted;
  }
  world_.require(whole.balanced() && whole.accepted == accepted, "the counts are not those of the partitions");
}

}  // namespace wavetank::props

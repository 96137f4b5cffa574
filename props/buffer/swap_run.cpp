#include <wavetank/props/buffer/swap_run.h>

#include <chrono>
#include <stdexcept>

#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

buffer_ledger::numbers numbers_of(const watched_table& whole) {
  buffer_ledger::numbers all;
  whole.for_each([&](const buffer_record& one) { all.push_back(one.number); });
  return all;
}

}  // namespace

vocabulary swap_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand within{"within", number, 0, 1'000, 0, 30};
  vocabulary words;
  words.settings = {
      {"shards", number, 1, 2, 1},    {"batch", number, 0, 3, 1}, {"again", number, 0, 1, 0},  // at least once
      {"threshold", number, 0, 2, 0}, {"bound", number, 0, 3, 0},                              // 0: none
      {"wait", number, 0, 1, 0},                                                               // for room
      {"end", number, 0, 3, 0},
  };
  words.verbs = {
      {"put", false, 12, {}},
      {"hold", false, 6, {{"count", number, 0, 1, 1}, {"shard", number, 0, 1, 0}, {"stall", number, 0, 200, 0}}},
      {"flush", false, 4, {within}},
      {"sleep", false, 4, {{"ms", number, 1, 60, 1, 20}}},
      {"plan", false, 4, {{"call", number, 1, 5, 1}, {"how", number, 0, 3, 0}}},
      {"stop", false, 2, {within}},
      {"halt", false, 3, {}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

swap_record::terms swap_run::terms() const {
  swap_record::terms t;
  t.shards = setting(swap_setting::shards);
  t.batch_size = setting(swap_setting::batch);
  t.at_least_once = setting(swap_setting::again) != 0;
  t.most_records = 1 + what_.prefix.size();
  for (const auto& each : what_.branches) t.most_records += each.size();
  t.most_held = setting(swap_setting::bound);
  return t;
}

partition_options swap_run::options() const {
  partition_options all;
  all.processing_interval = buffer_interval;
  all.processing_timeout = buffer_timeout;
  all.processing_batch_size = setting(swap_setting::batch);
  if (setting(swap_setting::again) != 0) all.delivery = delivery_guarantee::at_least_once;
  if (setting(swap_setting::threshold) != 0) all.drain_threshold = setting(swap_setting::threshold);
  if (setting(swap_setting::bound) != 0) all.max_records = setting(swap_setting::bound);
  if (setting(swap_setting::wait) != 0) all.on_overflow = overflow_policy::block;
  all.first_backoff = std::chrono::milliseconds(1);
  all.max_backoff = std::chrono::milliseconds(4);
  all.shards = setting(swap_setting::shards);
  return all;
}

swap_run::swap_run(sim::world& w, const program& p) : world_(w), what_(p), record_(terms()) {
  batch_processor<watched_runtime, watched_table> to;
  to.batch = [this](std::span<const buffer_record> batch, const auto&) { process(numbers_of(batch)); };
  to.table = [this](const std::shared_ptr<const watched_table>& whole, const auto&) {
    reached("the processor got a whole table");
    process(numbers_of(*whole));
  };
  auto made = partition::make(runtime_, std::move(to), options(), {}, &record_);
  w.require(made.has_value(), "the options are refused");
  owner_ = std::move(*made);
  partition_ = owner_.get();
}

// The processor ---------------------------------------------------------------------------------------------------

void swap_run::process(const buffer_ledger::numbers& batch) {
  record_.call_begins(batch);
  const auto plan = plans_.find(++calls_);
  sim::runtime::point("the processor is at work");
  if (plan != plans_.end()) carry_out(plan->second);
  sim::runtime::point("the processor has worked");
  record_.call_returns();
}

void swap_run::carry_out(processor_plan how) {
  switch (how) {
    case processor_plan::throws:
      throw std::runtime_error("as planned");
    case processor_plan::hangs:
      return runtime_.sleep_until(clock_now() + buffer_hang);
    case processor_plan::ends:
      throw end_of_task{};
    case processor_plan::pushes:
      return put(0);
  }
}

// Steps -----------------------------------------------------------------------------------------------------------

void swap_run::put(std::uint64_t producer) {
  const auto said = partition_->put(buffer_record{producer, ++records_}, clock_now() + buffer_interval);
  if (said) return;
  if (said.error().what == put_problem::full) reached("a put found no room");
  if (said.error().what == put_problem::deadline) reached("a put waited for room to its deadline");
}

/// A lease that is held across points at which its task may die, with or without a record, by a writer that stalls.
void swap_run::hold(std::uint64_t records, std::uint64_t shard, std::uint64_t stall) {
  auto lease = partition_->current_table(shard);
  if (!lease) return;
  record_.passes_the_bound();
  try {
    sim::runtime::point("holds a lease");
    for (std::uint64_t i = 0; i < stall; ++i) sim::runtime::point("stalls in its lease");
    if (records != 0) lease.table().insert(lease, watched_table::prepare({}, buffer_record{shard, ++records_}));
    sim::runtime::point("is about to end its lease");
  } catch (const sim::task_killed&) {
    record_.dies();
    throw;
  }
}

void swap_run::flush(sim::time_point deadline) {
  record_.flush_begins();
  record_.flush_ends(partition_->flush(deadline));
}

void swap_run::stop(sim::time_point deadline) {
  const auto report = partition_->stop(deadline);
  if (!report.already_stopped) record_.gave_back(numbers_of(report.rest));
}

void swap_run::perform(std::uint64_t task, const step& s) {
  const auto& o = s.operands;
  switch (static_cast<swap_verb>(s.verb)) {
    case swap_verb::put:
      return put(task);
    case swap_verb::hold:
      return hold(o[0], o[1] % setting(swap_setting::shards), o[2]);
    case swap_verb::flush:
      return flush(after_ms(o[0]));
    case swap_verb::sleep:
      return runtime_.sleep_until(after_ms(o[0]));
    case swap_verb::plan:
      plans_[o[0]] = static_cast<processor_plan>(o[1]);
      return;
    case swap_verb::stop:
      return stop(after_ms(o[0]));
    case swap_verb::halt:
      return stop(clock_now());
  }
}

void swap_run::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t task, const step& s) { perform(task, s); });
  end();
}

void swap_run::end() {
  switch (static_cast<buffer_end>(setting(swap_setting::end))) {
    case buffer_end::of_itself:
      flush(partition::no_deadline);
      [[fallthrough]];
    case buffer_end::stop:
      stop(partition::no_deadline);
      break;
    case buffer_end::stop_at_once:
      stop(clock_now());
      break;
    case buffer_end::destruction:
      break;
  }
  owner_.reset();
}

}  // namespace wavetank::props

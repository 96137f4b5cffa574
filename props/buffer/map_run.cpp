#include <wavetank/props/buffer/map_run.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include <wavetank/props/program/judge.h>
#include <wavetank/props/program/run_side_by_side.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

sim::time_point after(std::uint64_t ms) { return clock_now() + std::chrono::milliseconds(ms); }

constexpr overflow_policy map_policies[] = {overflow_policy::reject, overflow_policy::block,
                                            overflow_policy::drop_newest, overflow_policy::coalesce,
                                            overflow_policy::drop_oldest};
constexpr std::uint64_t wait_for_room_ms = 15;

}  // namespace

vocabulary map_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand key{"key", number, 1, map_keys, 1};
  vocabulary words;
  words.settings = {
      {"shards", number, 1, 2, 1},        {"batch", number, 1, 2, 1},  {"threshold", number, 0, 2, 0},
      {"end", number, 0, 1, 0},           {"bound", number, 0, 2, 0},                               // 0: none
      {"overflow", number, 0, 4, 0},      {"floors", number, 0, 1, 0}, {"bytes", number, 0, 3, 0},  // 0: no bound
      {"at_least_once", number, 0, 1, 0},
  };
  words.verbs = {
      {"put", false, 4, {key}},
      {"newer", false, 10, {key, {"version", number, 1, 5, 1}}},
      {"get", false, 6, {key}},
      {"erase", false, 4, {key}},
      {"flush", false, 3, {}},
      {"sleep", false, 3, {{"ms", number, 1, 30, 1}}},
      {"fail", false, 1, {{"call", number, 1, 4, 1}}},
      {"all", false, 2, {{"version", number, 0, 5, 0}}},  // 0: none
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

map_run::map_run(sim::world& w, const program& p) : world_(w), what_(p) {
  batch_processor<sim::runtime, table> to;
  to.batch = [this](std::span<const table::entry> batch, const auto& context) { process(batch, context.attempt); };
  buffer_options options;
  options.partitions = 1;
  options.each.processing_interval = std::chrono::milliseconds(10);
  options.each.processing_batch_size = setting(map_setting::batch);
  options.each.shards = setting(map_setting::shards);
  if (setting(map_setting::threshold) != 0) options.each.drain_threshold = setting(map_setting::threshold);
  if (setting(map_setting::bound) != 0) options.each.max_records = setting(map_setting::bound);
  if (setting(map_setting::bytes) != 0) options.each.max_bytes = setting(map_setting::bytes);
  if (setting(map_setting::at_least_once) != 0) options.each.delivery = delivery_guarantee::at_least_once;
  options.each.on_overflow = map_policies[setting(map_setting::overflow)];
  buffer::wiring with;
  with.table.bytes_of = [](std::uint64_t, std::uint64_t value) { return 1 + value % 2; };
  with.table.version_floors = setting(map_setting::floors) * map_keys;
  with.listener = this;
  auto made = buffer::make(w.runtime(), std::move(to), options, with);
  w.require(made.has_value(), "the options are refused");
  buffer_ = std::move(*made);
}

lin::op_id map_run::begin(judged::command what) { return history_.invoke(++client_, what, tick()); }

/// It happened since `from`.
void map_run::between(judged::command what, lin::instant from) {
  history_.returns_unknown(history_.invoke(++client_, what, from), tick());
}

// The processor ---------------------------------------------------------------------------------------------------

void map_run::for_each_key(event what) {
  for (std::uint64_t key = 1; key <= map_keys; ++key) between({key, what, {}}, last_end_);
}

void map_run::last_call_has_delivered() {
  for (const auto key : std::exchange(last_batch_, {})) between({key, event::settle, {}}, last_end_);
}

void map_run::last_call_has_failed() {
  for (const auto key : std::exchange(last_batch_, {})) between({key, event::fail, {}}, last_end_);
}

void map_run::process(std::span<const table::entry> batch, std::uint64_t attempt) {
  if (attempt > 1) {
    reached("a batch was given again");
    last_call_has_failed();
  } else {
    last_call_has_delivered();
  }
  const bool fails = failing_.count(++calls_) != 0;
  for (const auto& one : batch) {
    end(begin({one.key, event::give, {one.value, one.version, one.updates}}), {});
    if (one.updates != 0) reached("an entry was updated before its delivery");
  }
  for (const auto& one : batch) last_batch_.push_back(one.key);
  struct ending {
    map_run& run;
    bool returns = false;
    ~ending() {
      run.last_failed_ = !returns;
      run.last_end_ = run.tick();
    }
  } ends{*this};
  sim::runtime::point("the processor is at work");
  if (fails) throw std::runtime_error("as planned");
  ends.returns = true;
}

void map_run::processing_started(std::size_t, std::uint64_t, std::chrono::nanoseconds,
                                 std::chrono::nanoseconds) noexcept {
  for_each_key(event::swap);
}

void map_run::processing_finished(std::size_t, std::uint64_t, std::chrono::nanoseconds) noexcept {
  last_call_has_delivered();
  if (gives_back_) {  // of what was not given, nobody knows
    for (std::uint64_t key = 1; key <= map_keys; ++key) pending({key, event::complete, {}}, last_end_);
  } else {
    for_each_key(event::complete);
  }
  last_end_ = tick();
}

void map_run::processing_failed(std::size_t, processing_failure reason, std::uint64_t, std::string_view) noexcept {
  if (reason == processing_failure::stopped) return;
  if (last_failed_ && !last_batch_.empty()) {
    last_call_has_failed();
  } else {
    if (reason == processing_failure::task_died) reached("the processing task died unseen");
    last_batch_.clear();
    for_each_key(event::die);
  }
  last_failed_ = false;
}

/// Told in the put that they made room for.
void map_run::dropped(std::size_t, drop_reason why, std::uint64_t records) noexcept {
  if (why != drop_reason::oldest) return;
  reached("an entry went for another one");
  for (std::uint64_t i = 0; i < records; ++i) {
    for (std::uint64_t key = 1; key <= map_keys; ++key) {
      between({key, event::drop, {}}, called_.at(sim::scheduler::here().self().index));
    }
  }
}

// Steps -----------------------------------------------------------------------------------------------------------

/// A task that dies in it may have dropped what it did not come to tell of, and done some of `perhaps`.
template <class Put>
auto map_run::making_room(lin::instant called, std::span<const judged::command> perhaps, Put&& put) {
  called_[sim::scheduler::here().self().index] = called;
  try {
    return put();
  } catch (...) {
    if (map_policies[setting(map_setting::overflow)] == overflow_policy::drop_oldest) {
      for (std::uint64_t key = 1; key <= map_keys; ++key) between({key, event::drop, {}}, called);
    }
    for (const auto& each : perhaps) pending(each, called);
    throw;
  }
}

void map_run::put(std::uint64_t key, std::optional<std::uint64_t> version) {
  const std::uint64_t value = ++values_;
  const judged::command what{key, version ? event::put_newer : event::put, {value, version.value_or(0), 0}};
  const lin::instant called = tick();
  const auto until = after(wait_for_room_ms);
  answered(what, called, making_room(called, {}, [&] {
             return version ? buffer_->put_newer(key, value, *version, until) : buffer_->put(key, value, until);
           }));
}

/// Of every key, one after the other; `version` 0: plainly.
void map_run::put_all(std::uint64_t version) {
  std::vector<map_put<std::uint64_t, std::uint64_t>> all;
  std::vector<judged::command> commands;
  for (std::uint64_t key = 1; key <= map_keys; ++key) {
    const std::uint64_t value = ++values_;
    all.push_back({key, value, version != 0 ? std::optional{version} : std::nullopt});
    commands.push_back({key, version != 0 ? event::put_newer : event::put, {value, version, 0}});
  }
  const lin::instant called = tick();
  const auto said =
      making_room(called, commands, [&] { return buffer_->put_all(std::move(all), after(wait_for_room_ms)); });
  sim::require(said.size() == commands.size(), "not every put was answered");
  for (std::size_t i = 0; i < commands.size(); ++i) answered(commands[i], called, said[i]);
  reached("several were put at once");
}

void map_run::answered(const judged::command& what, lin::instant called, const buffer::put_answer& said) {
  if (!said) return reached("a put found no room");
  if (*said == put_result::dropped) return reached("a put was dropped");
  const auto id = history_.invoke(++client_, what, called);
  switch (*said) {
    case put_result::inserted:
      return end(id, {result::inserted});
    case put_result::replaced:
      reached("a value was replaced");
      return end(id, {result::replaced});
    case put_result::stale:
      if (world_.unobserved([&] { return buffer_->buffer_size() + buffer_->in_flight_size(); }) == 0) {
        reached("stale because of what was delivered");
      } else {
        reached(world_.unobserved([&] { return buffer_->buffer_size(); }) == 0 ? "stale because of the table in flight"
                                                                               : "stale");
      }
      return end(id, {result::stale});
    case put_result::dropped:
      return;
  }
}

void map_run::get(std::uint64_t key) {
  const auto id = begin({key, event::get, {}});
  const auto found = buffer_->get(key);
  if (found && world_.unobserved([&] { return buffer_->buffer_size(); }) == 0)
    reached("read through to the table in flight");
  end(id, found ? judged::response{result::value, *found} : judged::response{result::miss});
}

void map_run::erase(std::uint64_t key) {
  const auto id = begin({key, event::erase, {}});
  const bool found = buffer_->erase(key);
  if (found && world_.unobserved([&] { return buffer_->buffer_size(); }) == 0) reached("erased what is in flight");
  end(id, {found ? result::erased : result::miss});
}

void map_run::perform(const step& s) {
  const auto& o = s.operands;
  switch (static_cast<map_verb>(s.verb)) {
    case map_verb::put:
      return put(o[0], std::nullopt);
    case map_verb::newer:
      return put(o[0], o[1]);
    case map_verb::get:
      return get(o[0]);
    case map_verb::erase:
      return erase(o[0]);
    case map_verb::flush:
      sim::require(buffer_->flush(), "a flush without a deadline did not come to its end");
      return;
    case map_verb::sleep:
      return world_.runtime().sleep_until(after(o[0]));
    case map_verb::fail:
      failing_[o[0]] = true;
      return;
    case map_verb::all:
      return put_all(o[0]);
  }
}

void map_run::run() {
  run_side_by_side(world_, what_, [this](std::uint64_t, const step& s) { perform(s); });
  gives_back_ = setting(map_setting::end) != 0;
  if (!gives_back_) {
    const auto report = buffer_->stop();
    world_.require(report.drained && report.rest.empty(), "a stop without a deadline has not drained");
  } else {
    buffer_->stop(after(0));
  }
  const buffer_counts counts = buffer_->counts();
  buffer_.reset();
  world_.require(counts.balanced() && counts.buffered == 0 && counts.in_flight == 0, "accepted is not accounted");
  if (counts.superseded != 0) reached("a record was superseded");
  judge(world_, specification(), history_);
}

}  // namespace wavetank::props

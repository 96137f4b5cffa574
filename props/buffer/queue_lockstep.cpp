#include <wavetank/props/buffer/queue_lockstep.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

using spec = model::buffer;
using event = spec::event;
using result = spec::result;

constexpr std::uint64_t the_producer = 1;

std::vector<spec::entry> entries_of(std::span<const buffer_record> some) {
  std::vector<spec::entry> all;
  for (const buffer_record& one : some) all.push_back({one.producer, 0, one.number, 0});
  return all;
}

result result_of(put_problem problem) {
  switch (problem) {
    case put_problem::closed:
      return result::closed;
    case put_problem::deadline:
      return result::deadline;
    case put_problem::too_large:
      return result::too_large;
    case put_problem::full:
    case put_problem::bad_partition:
      break;
  }
  return result::full;
}

spec::counts counts_of(const buffer_counts& c) {
  return {c.accepted, c.delivered,  c.failed, c.dropped_newest, c.dropped_oldest,
          c.returned, c.superseded, c.erased, c.buffered,       c.in_flight};
}

}  // namespace

queue_lockstep::queue_lockstep(sim::world& w, const program& p) : world_(w), what_(p), judge_(specification()) {
  batch_processor<sim::runtime, table> to;
  to.batch = [this](std::span<const buffer_record> batch, const context& c) {
    process({batch.begin(), batch.end()}, c);
  };
  to.table = [this](const std::shared_ptr<const table>& whole, const context& c) {
    std::vector<buffer_record> batch;
    whole->for_each([&](const buffer_record& one) { batch.push_back(one); });
    process(batch, c);
  };
  auto made = partition::make(w.runtime(), std::move(to), options(), {}, this);
  w.require(made.has_value(), "the options are refused");
  partition_ = std::move(*made);
}

/// Without dead letters: they are dropped.
partition_options queue_lockstep::options() const {
  partition_options all = queue_options(what_);
  if (on_failure() == failure_setting::dead_letter) all.on_failure = failure_policy::drop;
  return all;
}

spec queue_lockstep::specification() const {
  const auto policy = static_cast<overflow_policy>(setting(queue_setting::overflow));
  constexpr model::overflow policies[] = {model::overflow::reject, model::overflow::block, model::overflow::drop_newest,
                                          model::overflow::drop_oldest, model::overflow::coalesce};
  return {false, setting(queue_setting::bound), policies[static_cast<std::size_t>(policy)],
          setting(queue_setting::batch)};
}

void queue_lockstep::observe(const spec::command& what, const spec::response& said) {
  if (blind_) return;
  const auto refused = judge_.observe(what, said);
  if (refused) sim::scheduler::here().fail_and_unwind(sim::verdict_kind::not_linearizable, describe(*refused));
}

// The processor ---------------------------------------------------------------------------------------------------

/// A record that the processor has was accepted, although its put has not returned yet.
void queue_lockstep::put_has_taken_effect() {
  if (putting_.empty()) return;
  observe({event::put, {}, 0, {}, std::exchange(putting_, {})}, {result::accepted});
}

void queue_lockstep::process(const std::vector<buffer_record>& batch, const context& c) {
  if (given_up_) return;  // by the stop, before it came here
  note_return();
  for (const buffer_record& one : batch) {
    if (!putting_.empty() && one.number >= putting_.front().value) put_has_taken_effect();
  }
  if (std::exchange(generation_, c.generation) != c.generation) observe({event::swap}, {});
  observe({event::give, {}, 0, {}, entries_of(batch)}, {});
  settled_ = false;
  attempt_ = c.attempt;
  const auto plan = plans_.find(++calls_);
  if (plan != plans_.end() && plan->second == processor_plan::throws) throw std::runtime_error("as planned");
  if (plan != plans_.end() && plan->second == processor_plan::ends) throw end_of_task{};
  if (plan != plans_.end() && plan->second == processor_plan::hangs) {
    world_.runtime().sleep_until(clock_now() + buffer_hang);
  }
  returned_ = !std::exchange(settled_, true);
}

/// The partition may still take a call that has returned for one that failed: a stop may come before it hears of it.
void queue_lockstep::note_return() {
  if (std::exchange(returned_, false)) observe({event::settle}, {});
}

/// A stop gave up a batch on its way to the processor, or one that a call still sees that has timed out.
void queue_lockstep::give_unseen(std::uint64_t records) {
  if (const auto& kept = judge_.possible_states().front().batch; !kept.empty()) {
    return observe({event::give, {}, 0, {}, {kept.begin(), kept.end()}}, {});
  }
  if (judge_.possible_states().front().in_flight.empty()) observe({event::swap}, {});
  const auto& in_flight = judge_.possible_states().front().in_flight;
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(records, in_flight.size()));
  const std::vector<spec::entry> batch{in_flight.begin(), in_flight.begin() + count};
  observe({event::give, {}, 0, {}, batch}, {});
}

void queue_lockstep::processing_failed(std::size_t, processing_failure reason, std::uint64_t records,
                                       std::string_view) noexcept {
  const bool unseen = std::exchange(settled_, true);
  const bool returned = std::exchange(returned_, false);
  if (reason == processing_failure::stopped) {
    given_up_ = true;
    blind_ = blind_ || returned;  // was it that call, or the next one, which nobody has seen?
    if (unseen && !returned) give_unseen(records);
    return reached("a stop came while the processor was at work");
  }
  const bool threw_again =
      on_failure() == failure_setting::retry && reason == processing_failure::threw && attempt_ < 3;
  const bool again = on_failure() == failure_setting::at_least_once || threw_again;
  reached(again ? "a batch is tried again" : "a batch failed");
  const spec::command settle{event::settle, {}, 0, again ? spec::outcome::again : spec::outcome::failed, {}};
  if (blind_) return;
  if (const auto refused = judge_.observe(settle, {})) {
    sim::scheduler::here().fail(sim::verdict_kind::not_linearizable, describe(*refused));
  }
}

// Steps -----------------------------------------------------------------------------------------------------------

void queue_lockstep::put(std::uint64_t count, std::uint64_t within_ms) {
  std::vector<buffer_record> records;
  for (std::uint64_t i = 0; i < count; ++i) records.push_back({the_producer, ++numbers_});
  const auto entries = putting_ = entries_of(records);
  const spec::command command{event::put, {}, 0, {}, entries};
  const auto at_first = judge_.allowed(command);
  const auto deadline = clock_now() + std::chrono::milliseconds(within_ms);
  const auto said =
      count == 1 ? partition_->put(records.front(), deadline) : partition_->put(std::move(records), deadline);
  const bool seen = std::exchange(putting_, {}).empty();
  sim::require(!seen || said.has_value(), "a put is refused, and its record was processed");
  if (seen) return reached("a record was processed before its put returned");
  const result answer = said ? result::accepted : result_of(said.error().what);
  // Room that comes in the moment of the deadline may come too late.
  const bool in_vain = answer == result::deadline && at_first.front().what == answer;
  // Whether a put that waited came before or after the swap that made its room cannot be told.
  blind_ = blind_ || (answer == result::accepted && at_first.front().what == result::deadline);
  if (!in_vain && judge_.allowed(command).front().what != answer) note_return();
  if (!in_vain) observe(command, {answer});
  const char* names[] = {"",
                         "a put was accepted",
                         "",
                         "",
                         "",
                         "a put found no room",
                         "a put was too large",
                         "a put waited to its deadline",
                         "a put was told that it is closed"};
  reached(names[static_cast<std::size_t>(answer)]);
}

void queue_lockstep::flush(std::uint64_t within_ms) {
  const std::uint64_t call = ++flushes_;
  observe({event::flush, {}, call, {}, {}}, {});
  if (!partition_->flush(after_ms(within_ms))) return;
  note_return();
  observe({event::flush_answers, {}, call, {}, {}}, {});
  reached("a flush has answered");
}

void queue_lockstep::stop(std::uint64_t within_ms) {
  if (std::exchange(stopped_, true)) return;
  observe({event::stop}, {});
  const auto deadline =
      within_ms == 0 ? partition::no_deadline : clock_now() + std::chrono::milliseconds(within_ms - 1);
  const auto report = partition_->stop(deadline);
  note_return();
  observe({event::stop_answers, {}, 0, {}, entries_of(report.rest)},
          {report.drained ? result::drained : result::left_over});
  reached(report.drained ? "a stop has drained" : "a stop left something over");
}

void queue_lockstep::perform(const step& s) {
  const auto& o = s.operands;
  switch (static_cast<queue_verb>(s.verb)) {
    case queue_verb::put:
      return put(o[0], o[1]);
    case queue_verb::flush:
      return flush(o[0]);
    case queue_verb::sleep:
      return world_.runtime().sleep_until(clock_now() + std::chrono::milliseconds(o[0]));
    case queue_verb::plan:
      plans_[o[0]] = static_cast<processor_plan>(o[1]);
      return;
    case queue_verb::stop:
      return stop(o[0]);
    case queue_verb::hold:
    case queue_verb::update:
      return;
  }
}

/// All that can happen now has happened (no timer overtakes work here), and the counts agree (D1, D6).
void queue_lockstep::come_to_rest() {
  world_.runtime().sleep_until(clock_now() + std::chrono::nanoseconds(1));
  note_return();
  const buffer_counts now = partition_->counts();
  observe({event::read_counts}, {result::done, 0, counts_of(now)});
}

void queue_lockstep::run() {
  for (const step& s : what_.prefix) {
    perform(s);
    come_to_rest();
  }
  stop(setting(queue_setting::end));
  come_to_rest();
}

}  // namespace wavetank::props

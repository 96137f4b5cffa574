#include <wavetank/props/buffer/swap_record.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include <wavetank/props/running.h>

namespace wavetank::props {

namespace {

// The words of table_gate.h and shard_gate.h, as they are described there.
constexpr std::uint64_t nothing_is_current = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t generation_of_current(std::uint64_t word) { return word >> 8U; }
enum class gate_state : std::uint8_t { opened, taken, closed };
constexpr gate_state state_of_gate(std::uint64_t word) { return static_cast<gate_state>(word & 3U); }
constexpr std::uint64_t generation_of_gate(std::uint64_t word) { return word >> 2U; }

// What is observed; the gates follow.
constexpr atomic_observer::number current_table = 1;
constexpr atomic_observer::number first_gate = 2;

/// That write or flush.
constexpr std::uint64_t most_tasks = 16;

model::double_buffer_swap specification(const swap_record::terms& t) {
  model::double_buffer_swap_bounds bounds;
  bounds.writers = most_tasks * t.shards;
  bounds.shards = t.shards;
  bounds.tables = t.most_records + 2;  // each swap takes a record along
  bounds.records = t.most_records;
  bounds.batch_size = t.batch_size;
  bounds.deaths = bounds.writers;
  bounds.failures = 200;
  bounds.restarts = 0;
  bounds.flushes = most_tasks;
  bounds.at_least_once = t.at_least_once;
  bounds.attempts = 200;
  bounds.most_held = t.most_held;
  return model::double_buffer_swap{bounds};
}

}  // namespace

swap_record::swap_record(const terms& t) : terms_(t), judge_(specification(t)) { current = this; }

// Judging ---------------------------------------------------------------------------------------------------------

void swap_record::judge(std::optional<model::refusal<spec>> refused) {
  if (!refused) return;
  judged_ = true;
  sim::scheduler::here().fail(sim::verdict_kind::assertion, "the swap is not that of its model: " + describe(*refused));
}

void swap_record::observe(event what, response said, std::uint64_t a, std::uint64_t b) {
  if (judged_) return;
  const spec::command one{what, a, b};
  if (sim::scheduler::here().told()) sim::scheduler::here().say(describe(one) + ": " + describe(said));
  judge(judge_.observe(one, said));
}

void swap_record::observe_unknown(event what, std::uint64_t a) {
  if (judged_) return;
  const spec::command one{what, a};
  if (sim::scheduler::here().told()) sim::scheduler::here().say(describe(one));
  judge(judge_.observe_unknown(one));
}

void swap_record::perhaps(event what) {
  if (!judged_) judge_.perhaps({what, 0});
}

// Writers ---------------------------------------------------------------------------------------------------------

swap_record::writer& swap_record::here() {
  const auto [at, fresh] = writers_.try_emplace(sim::scheduler::here().self().index, writer{writers_.size()});
  return at->second;
}

/// Held, busy, or too late.
void swap_record::hold(gate& at, value expected, value seen) {
  const bool other_generation = generation_of_gate(seen) != generation_of_gate(expected);
  if (seen != expected) {
    if (other_generation) return reached("a writer met its table in a later generation");
    return reached(state_of_gate(seen) == gate_state::closed ? "a writer found its shard closed"
                                                             : "a writer waited for its shard");
  }
  writer& who = here();
  who.shard = at.shard;
  who.in = generation_of_gate(expected);
  who.has_written = false;
  at.holder = sim::scheduler::here().self().index;
  const bool in_time = who.in == generation_of_current(current_);
  observe(event::resolve, response::done, name_of(who), in_time ? 0 : who.in);
  observe(event::enter, in_time ? response::done : response::late, name_of(who));
}

void swap_record::inserted(std::uint64_t record) {
  writer& who = here();
  perhaps(event::return_quiet);  // by a stop: there is room again
  observe(event::write, response::accepted, name_of(who), who.passes_the_bound ? 1 : 0);
  who.has_written = true;
  accepted_.emplace(record, accepted_.size() + 1);
}

void swap_record::passes_the_bound() { here().passes_the_bound = true; }

void swap_record::dies() {
  writer& who = here();
  observe(event::die, response::done, name_of(who));
  who.dying = true;
  reached(who.has_written ? "a writer died after it had written" : "a writer died before it had written");
}

void swap_record::let_go(gate& at) {
  writer& who = here();
  at.holder.reset();
  who.passes_the_bound = false;
  if (!who.dying && !who.has_written && who.in != generation_of_current(current_)) {
    reached("a writer registered too late");
  }
  if (who.dying) {
    observe(event::death_notice, response::done, name_of(who));
  } else if (who.has_written) {
    observe(event::leave, response::done, name_of(who));
  } else {
    observe(event::back_out, response::done, name_of(who));
  }
}

// Swaps -----------------------------------------------------------------------------------------------------------

void swap_record::publish(value word) {
  const bool inside = std::any_of(gates_.begin(), gates_.end(), [](const gate& one) { return one.holder.has_value(); });
  current_ = word;
  if (word == nothing_is_current) {
    if (inside) reached("a stop came while a writer was inside");
    if (!possible().in_flight.empty() || !possible().batch.empty()) reached("a stop came while a table was in flight");
    return observe(event::stop, response::done);
  }
  if (inside) reached("a swap came while a writer was inside");
  end_swap();
  perhaps(event::tick);
  observe(event::open, response::done);
  observe(event::publish, response::done);
}

/// By the drainer, or by a put that finds no room; a gate that is closed already was seen before.
void swap_record::look(const gate& at, value expected, value seen) {
  if (!judged_ && is_swapping() && spec::has_looked_at_all(possible())) end_swap();
  if (seen != expected && state_of_gate(seen) == gate_state::closed) return;
  const response said = seen == expected ? response::quiet : response::busy;
  if (said == response::busy && possible().closing) reached("a stop found a writer inside");
  observe(event::look, said, generation_of_gate(expected), at.shard);
}

/// Who looks now sees what the last swap has taken or left.
void swap_record::end_swap() {
  if (judged_ || !is_swapping()) return;
  settle_shards();
  is_handed_over_ = !possible().in_flight.empty();
  if (is_handed_over_) return;
  // A writer was in whatever there was.
  observe(event::complete, response::done);
  reached("all that a swap found was left");
}

void swap_record::settle_shards() {
  for (std::size_t s = 0; s < terms_.shards; ++s) observe_unknown(event::settle_shard);
  for (const auto& each : possible().tables) {
    if (each.is != spec::role::retired) continue;
    for (const auto& part : each.shards) {
      if (!part.taken) reached("a shard was left to a later generation");
      if (!part.taken && part.quiet && !part.records.empty()) reached("what came after a late writer waited for it");
    }
  }
}

void swap_record::processing_started(std::size_t, std::uint64_t, std::chrono::nanoseconds,
                                     std::chrono::nanoseconds) noexcept {
  if (judged_ || std::exchange(is_handed_over_, false)) return;
  if (!is_swapping()) {
    if (!possible().closing) reached("what was left was taken up without a swap");
    observe(event::take_up, response::done);
  }
  settle_shards();
}

/// While closing, a stop may have taken the rest of the table: what follows says whether it was complete.
void swap_record::processing_finished(std::size_t, std::uint64_t, std::chrono::nanoseconds) noexcept {
  if (possible().closing) return perhaps(event::complete);
  observe(event::complete, response::done);
}

// The processor ---------------------------------------------------------------------------------------------------

void swap_record::call_begins(const numbers& batch) {
  if (stuck_ || given_up_ || judged_) return;  // it was settled before it came to its first line
  std::vector<spec::record_number> seen;
  for (const auto one : batch) seen.push_back(accepted_.at(one));
  observe(event::give, response::done);
  if (possible().attempts > 1) reached("a batch was given again");
  if (judged_ || judge_.narrow([&](const spec::state& s) { return s.batch == seen; })) return;
  judged_ = true;
  sim::scheduler::here().fail(sim::verdict_kind::assertion,
                              "the processor gets another batch than the model says, in: " + describe(possible()));
}

/// What it has come to is decided when the partition takes note of it.
void swap_record::call_returns() { perhaps(given_up_ ? event::return_late : event::succeed); }

void swap_record::processing_failed(std::size_t, processing_failure reason, std::uint64_t, std::string_view) noexcept {
  perhaps(event::give);  // the call that failed may not have come to its first line
  switch (reason) {
    case processing_failure::threw:
      reached("the processor threw");
      return observe(event::fail, response::done);
    case processing_failure::task_died:
      reached("the processing task died");
      return observe(event::fail, response::done);
    case processing_failure::timed_out:
      reached("the processor timed out");
      return observe(event::time_out, response::done);
    case processing_failure::stopped:
      reached("a stop gave up a call");
      given_up_ = true;
      return observe(event::give_up, response::done);
  }
}

void swap_record::stuck(std::size_t, bool now) noexcept {
  stuck_ = now;
  if (now) return;
  reached("a late call has returned");
  observe(event::return_late, response::done);
}

// Flush and stop --------------------------------------------------------------------------------------------------

void swap_record::flush_begins() {
  if (judged_) return;
  observe(event::flush, response::done, here().place);
  if (possible().closing) reached("a flush came beside a stop");
}

/// It gives up at its deadline, and also if a stop has returned whatever it was.
void swap_record::flush_ends(bool answered) {
  if (judged_) return;
  if (!answered) return observe(event::flush_gives_up, response::done, here().place);
  observe(event::flush_answers, response::done, here().place);
  reached("a flush has answered");
}

void swap_record::stopped(std::size_t, std::string_view, bool drained) noexcept {
  const bool behind_a_call = possible().processor == spec::callback::ignored;
  if (drained && !behind_a_call) {
    end_swap();
    perhaps(event::complete);  // by the stop, if nothing was left of the table
    observe(event::stop_answers, response::done);
  } else {
    observe(event::deadline, response::done);
  }
  reached(drained ? "a stop has drained" : "a stop came to its deadline");
}

void swap_record::gave_back(const numbers& rest) {
  std::set<spec::record_number> seen;
  for (const auto one : rest) seen.insert(accepted_.at(one));
  const auto agrees = [&](const spec::state& s) {
    for (spec::record_number n = 1; n <= s.records.size(); ++n) {
      if ((s.records[n - 1].is == spec::fate::returned) != seen.contains(n)) return false;
    }
    return true;
  };
  if (judged_ || judge_.narrow(agrees)) return;
  judged_ = true;
  sim::scheduler::here().fail(sim::verdict_kind::assertion,
                              "a stop gives back other records than the model says, in: " + describe(possible()));
}

// The words -------------------------------------------------------------------------------------------------------

atomic_observer::number swap_record::named(std::string_view name) noexcept {
  if (name == "current table") return current_table;
  if (name != "shard's gate") return 0;
  gates_.push_back({gates_.size() % terms_.shards});
  return first_gate + gates_.size() - 1;
}

/// Writers read with acquire; whoever asks for sizes, or looks again, in the one order of all.
void swap_record::loaded(number which, value seen, std::memory_order order) noexcept {
  if (which != current_table || order != std::memory_order_acquire || seen != nothing_is_current) return;
  observe(event::resolve, response::closed, name_of(here()));
}

void swap_record::stored(number which, value now) noexcept {
  if (which == current_table) {
    if (current_ != 0) return publish(now);
    current_ = now;
    return;
  }
  gate& at = gates_[which - first_gate];
  if (at.holder == sim::scheduler::here().self().index && state_of_gate(now) == gate_state::opened) return let_go(at);
  if (std::exchange(at.was_used, true)) reached("a table was used again");
}

void swap_record::compared(number which, value expected, value seen, value desired) noexcept {
  if (which == current_table) return;
  gate& at = gates_[which - first_gate];
  if (state_of_gate(desired) == gate_state::taken) return hold(at, expected, seen);
  look(at, expected, seen);
}

}  // namespace wavetank::props

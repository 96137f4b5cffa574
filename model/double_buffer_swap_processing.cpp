#include <wavetank/model/double_buffer_swap_steps.h>

#include <algorithm>

namespace wavetank::model::swap_steps {

namespace {

bool all_taken(const machine::table& one) {
  return std::all_of(one.shards.begin(), one.shards.end(), [](const auto& part) { return part.taken; });
}

/// By policy: kept and tried again where each record must be delivered at least once; else it has failed.
void batch_fails(state& s, const machine& m, callback then) {
  const bool again = m.bounds.at_least_once && s.attempts < m.bounds.attempts && !s.stopped;
  if (!again) settle_batch(s, fate::failed);
  s.processor = then;
}

}  // namespace

void settle_record(state& s, machine::record_number one, fate is) {
  s.records[one - 1].is = is;
  for (auto& who : s.writers) std::erase(who.beside, one);
}

void settle_batch(state& s, fate is) {
  for (const auto one : s.batch) settle_record(s, one, is);
  s.batch.clear();
  s.attempts = 0;
}

said give(state& s, const machine& m) {
  if (s.timed_out) return disabled;
  if (!s.alive || s.stopped || s.swap != swap_stage::handed_over || s.processor != callback::none) return disabled;
  if (s.batch.empty()) {
    const std::size_t most = m.gives_whole_tables() ? s.in_flight.size() : m.bounds.batch_size;
    const auto count = static_cast<std::ptrdiff_t>(std::min(most, s.in_flight.size()));
    if (count == 0) return disabled;
    s.batch.assign(s.in_flight.begin(), s.in_flight.begin() + count);
    s.in_flight.erase(s.in_flight.begin(), s.in_flight.begin() + count);
    s.attempts = 0;
  }
  ++s.attempts;
  for (const auto one : s.batch) ++s.records[one - 1].given;
  s.processor = callback::running;
  ++s.at_work;
  return response::done;
}

said succeed(state& s) {
  if (!s.alive || s.processor != callback::running) return disabled;
  settle_batch(s, fate::delivered);
  s.processor = callback::none;
  --s.at_work;
  return response::done;
}

said fail(state& s, const machine& m, callback then) {
  if (!s.alive || s.processor != callback::running || s.failures == m.bounds.failures) return disabled;
  ++s.failures;
  batch_fails(s, m, then);
  if (then == callback::none) --s.at_work;
  return response::done;
}

said complete(state& s) {
  const bool done = s.in_flight.empty() && s.batch.empty() && s.processor == callback::none;
  if (!s.alive || s.stopped || s.swap != swap_stage::handed_over || !done) return disabled;
  for (auto& one : s.tables) {
    if (one.is != role::retired || !all_taken(one)) continue;
    free_table(one);
  }
  s.swap = swap_stage::none;
  s.due = s.due || (a_flush_waits(s) && !s.closing);
  return response::done;
}

said partition_dies(state& s, const machine& m) {
  if (!s.alive || s.stopped || s.restarts == m.bounds.restarts) return disabled;
  s.alive = false;
  ++s.restarts;
  if (s.processor == callback::running) batch_fails(s, m, callback::ignored);
  return response::done;
}

}  // namespace wavetank::model::swap_steps

#include <wavetank/model/double_buffer_swap_steps.h>

#include <algorithm>
#include <utility>

namespace wavetank::model::swap_steps {

namespace {

/// No writer is inside, and that was seen.
bool all_is_quiet(const state& s) {
  return all_retired_shards(s, [](const auto& part) { return part.quiet; });
}

bool settled_up_to(const state& s, machine::record_number last) {
  return std::all_of(s.records.begin(), s.records.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const auto& one) { return one.is != fate::pending; });
}

void end_all_tables(state& s) {
  for (auto& one : s.tables) {
    for (auto& part : one.shards) {
      part.records.clear();
      part.looked = false;
    }
    free_table(one);
  }
  s.swap = swap_stage::none;
  s.next_shard = 0;
}

bool may_be_kept(const state& s, const machine& m) { return s.processor != callback::none || m.gives_whole_tables(); }
bool no_processor_has_a_batch(const state& s, const machine& m) { return s.batch.empty() || !may_be_kept(s, m); }

}  // namespace

said flush(state& s, std::uint64_t number) {
  if (number >= s.flushes.size() || s.flushes[number].waits) return disabled;
  auto& call = s.flushes[number];
  call.waits = true;
  call.covers = put_and_pending(s);
  s.due = !s.closing;
  return response::done;
}

said flush_answers(state& s, std::uint64_t number) {
  if (number >= s.flushes.size() || !s.flushes[number].waits) return disabled;
  const auto& covers = s.flushes[number].covers;
  const auto any = [&](fate is) {
    return std::any_of(covers.begin(), covers.end(), [&](auto one) { return s.records[one - 1].is == is; });
  };
  if (any(fate::pending)) return disabled;
  const auto answer = any(fate::returned) ? response::closed : response::done;
  s.flushes[number] = {};
  return answer;
}

said flush_gives_up(state& s, std::uint64_t number) {
  if (number >= s.flushes.size() || !s.flushes[number].waits) return disabled;
  s.flushes[number] = {};
  return response::done;
}

/// There is no current table any more; a swap that has not published its own will not.
said stop(state& s, const machine& m) {
  if (s.closing || !m.bounds.stops) return disabled;
  s.closing = true;
  s.due = false;
  find_table(s, role::current)->is = role::retired;
  if (s.swap == swap_stage::opened) {
    free_table(*find_table(s, role::fresh));
    s.swap = swap_stage::looking;
  }
  return response::done;
}

said stop_answers(state& s) {
  const bool drained = all_is_quiet(s) && settled_up_to(s, s.records.size());
  if (!s.closing || s.stopped || s.timed_out || !is_idle(s) || !drained) return disabled;
  end_all_tables(s);
  s.stopped = true;
  return response::done;
}

said give_up(state& s, const machine& m) {
  if (!s.closing || s.stopped || s.batch.empty() || !may_be_kept(s, m)) return disabled;
  s.timed_out = true;
  settle_batch(s, fate::failed);
  if (s.processor == callback::running) s.processor = callback::ignored;
  return response::done;
}

/// Whoever is inside may count on the room that it leaves.
said return_quiet(state& s, const machine& m) {
  if (!s.closing || s.stopped || !no_processor_has_a_batch(s, m)) return disabled;
  if (!take_all_that_is_quiet(s) && s.in_flight.empty() && s.batch.empty()) return disabled;
  s.timed_out = true;
  settle_batch(s, fate::returned);
  for (const auto one : std::exchange(s.in_flight, {})) settle_record(s, one, fate::returned);
  return response::done;
}

/// What no processor has is returned, also what failed and was to be tried again.
/// Writers that are inside are waited for: what they were told is accepted has to be somewhere.
said deadline(state& s, const machine& m) {
  if (!s.closing || s.stopped || !all_is_quiet(s) || !no_processor_has_a_batch(s, m)) return disabled;
  s.stopped = s.timed_out = true;
  settle_batch(s, fate::returned);
  for (machine::record_number one = 1; one <= s.records.size(); ++one) {
    if (s.records[one - 1].is == fate::pending) settle_record(s, one, fate::returned);
  }
  s.in_flight.clear();
  end_all_tables(s);
  return response::done;
}

}  // namespace wavetank::model::swap_steps

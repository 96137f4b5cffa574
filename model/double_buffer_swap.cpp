#include <wavetank/model/double_buffer_swap.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using machine = double_buffer_swap;
using state = machine::state;
using event = machine::event;
using response = machine::response;
using fate = machine::fate;
using role = machine::role;
using stage = machine::stage;
using swap_stage = machine::swap_stage;
using callback = machine::callback;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

// Tables ----------------------------------------------------------------------------------------------------------

machine::table* find_table(state& s, role what) {
  const auto found = std::find_if(s.tables.begin(), s.tables.end(), [&](const auto& one) { return one.is == what; });
  return found == s.tables.end() ? nullptr : &*found;
}

const machine::table* find_table(const state& s, role what) { return find_table(const_cast<state&>(s), what); }

bool all_taken(const machine::table& one) {
  return std::all_of(one.shards.begin(), one.shards.end(), [](const auto& part) { return part.taken; });
}

/// An older generation of this shard waits for its writer: what came after it waits as well, or it would overtake.
bool older_is_left(const state& s, const machine::table& than, std::size_t shard) {
  return std::any_of(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.is == role::retired && one.generation < than.generation && !one.shards[shard].taken;
  });
}

bool can_be_taken(const state& s, const machine::table& of, std::size_t shard) {
  const auto& part = of.shards[shard];
  return part.quiet && !part.taken && !older_is_left(s, of, shard);
}

bool has_records(const machine::table& one) {
  return std::any_of(one.shards.begin(), one.shards.end(), [](const auto& part) { return !part.records.empty(); });
}

template <class Holds>
bool all_retired_shards(const state& s, Holds&& holds) {
  return std::all_of(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.is != role::retired || std::all_of(one.shards.begin(), one.shards.end(), holds);
  });
}

/// No writer is inside, and that was seen.
bool all_is_quiet(const state& s) {
  return all_retired_shards(s, [](const auto& part) { return part.quiet; });
}

void free_table(machine::table& one) {
  for (auto& part : one.shards) part.quiet = part.taken = true;
  one.is = role::free;
  one.generation = 0;
}

/// A shard that was left has become quiet.
bool something_is_quiet(const state& s) {
  for (const auto& one : s.tables) {
    for (std::size_t i = 0; one.is == role::retired && i < one.shards.size(); ++i) {
      if (can_be_taken(s, one, i)) return true;
    }
  }
  return false;
}

// Writers ---------------------------------------------------------------------------------------------------------

machine::shard& shard_at(state& s, const machine& of, std::uint64_t writer) {
  return s.tables[s.writers[writer].at].shards[of.shard_of(writer)];
}

/// Which table is current, or was: what is read may be old by now, but not older than what is still in use.
const machine::table* find_published(const state& s, std::uint64_t generation) {
  if (generation == 0) return find_table(s, role::current);
  const auto found = std::find_if(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.generation == generation && (one.is == role::current || one.is == role::retired);
  });
  return found == s.tables.end() ? nullptr : &*found;
}

said resolve(state& s, const machine& m, std::uint64_t number, std::uint64_t generation) {
  auto& who = s.writers[number];
  if (who.is != stage::outside || s.records.size() == m.bounds.records) return disabled;
  const auto* const found = find_published(s, generation);
  if (found == nullptr) return generation == 0 ? said{response::closed} : disabled;
  who.is = stage::resolved;
  who.at = static_cast<std::uint64_t>(found - s.tables.data());
  who.generation = found->generation;
  return response::done;
}

/// Whoever registers is counted, and looks again then: only who was counted in the current table is in.
said enter(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.is != stage::resolved) return disabled;
  const auto& at = s.tables[who.at];
  auto& part = shard_at(s, m, number);
  if (at.generation != who.generation || part.quiet) {
    who = {};
    return response::sent_back;
  }
  ++part.registered;
  who.holds = true;
  who.is = at.is == role::current ? stage::registered : stage::backing_out;
  return at.is == role::current ? response::done : response::late;
}

void let_go(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.holds) --shard_at(s, m, number).registered;
  who.holds = false;
  who.at = who.generation = 0;
}

said leave_from(state& s, const machine& m, std::uint64_t number, stage where) {
  if (s.writers[number].is != where) return disabled;
  let_go(s, m, number);
  s.writers[number].is = stage::outside;
  return response::done;
}

said back_out(state& s, const machine& m, std::uint64_t number) {
  const stage is = s.writers[number].is;
  return is == stage::registered || is == stage::backing_out ? leave_from(s, m, number, is) : disabled;
}

said write(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.is != stage::registered || s.records.size() == m.bounds.records) return disabled;
  who.is = stage::written;
  s.records.push_back({number});
  shard_at(s, m, number).records.push_back(s.records.size());
  return response::accepted;
}

said die(state& s, const machine& m, std::uint64_t number) {
  const auto dead = std::count_if(s.writers.begin(), s.writers.end(),
                                  [](const auto& one) { return one.is == stage::dead || one.is == stage::buried; });
  auto& who = s.writers[number];
  const bool inside = who.is == stage::registered || who.is == stage::backing_out || who.is == stage::written;
  if (!inside || static_cast<std::uint64_t>(dead) == m.bounds.deaths) return disabled;
  who.is = stage::dead;
  return response::done;
}

said death_notice(state& s, const machine& m, std::uint64_t number) {
  if (s.writers[number].is != stage::dead) return disabled;
  let_go(s, m, number);
  s.writers[number].is = stage::buried;
  return response::done;
}

// The swap --------------------------------------------------------------------------------------------------------

bool is_idle(const state& s) {
  return s.alive && s.swap == swap_stage::none && s.processor == callback::none && !s.stopped;
}

bool a_flush_waits(const state& s) {
  return std::any_of(s.flushes.begin(), s.flushes.end(), [](const auto& one) { return one.waits; });
}

/// Nothing is published for an empty table, nor without a free one: stragglers must not use up the pool.
said open(state& s) {
  if (!is_idle(s) || !s.due || s.closing) return disabled;
  const auto* const current = find_table(std::as_const(s), role::current);
  auto* const fresh = find_table(s, role::free);
  const bool filled = has_records(*current);
  if (filled && fresh != nullptr) {
    fresh->is = role::fresh;
    fresh->generation = ++s.generation;
    for (auto& part : fresh->shards) part.quiet = part.taken = false;
    s.swap = swap_stage::opened;
  } else if (something_is_quiet(s)) {
    s.swap = swap_stage::settling;
  } else if (filled || a_flush_waits(s)) {
    return disabled;
  }
  s.due = false;
  return response::done;
}

said take_up(state& s) {
  if (!is_idle(s) || !something_is_quiet(s)) return disabled;
  s.swap = swap_stage::settling;
  return response::done;
}

said publish(state& s) {
  if (!s.alive || s.stopped || s.swap != swap_stage::opened) return disabled;
  find_table(s, role::current)->is = role::retired;
  find_table(s, role::fresh)->is = role::current;
  s.swap = swap_stage::looking;
  return response::done;
}

/// By whoever asks, the drainer or a reader: who finds a shard quiet makes it so for everybody.
said look(state& s, const machine& m, std::uint64_t generation, std::uint64_t shard) {
  const auto found = std::find_if(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.is == role::retired && one.generation == generation;
  });
  if (s.stopped || found == s.tables.end() || shard >= m.bounds.shards) return disabled;
  auto& part = found->shards[shard];
  if (part.quiet) return disabled;
  part.quiet = part.registered == 0;
  part.looked = s.swap == swap_stage::looking && !part.quiet;
  return part.quiet ? response::quiet : response::busy;
}

/// The oldest generation first, so that a shard that has become quiet goes before what came after it.
bool take_what_is_quiet(state& s, std::size_t shard) {
  std::vector<machine::table*> retired;
  for (auto& one : s.tables) {
    if (one.is == role::retired) retired.push_back(&one);
  }
  std::sort(retired.begin(), retired.end(), [](auto* a, auto* b) { return a->generation < b->generation; });
  bool left = false;
  for (auto* const one : retired) {
    auto& part = one->shards[shard];
    if (part.taken) continue;
    if (!can_be_taken(s, *one, shard)) {
      left = true;
      continue;
    }
    s.in_flight.insert(s.in_flight.end(), part.records.begin(), part.records.end());
    part.records.clear();
    part.taken = true;
  }
  return left;
}

/// Not before each shard was looked at.
bool begin_settling(state& s) {
  if (s.swap == swap_stage::settling) return true;
  if (s.swap != swap_stage::looking) return false;
  if (!all_retired_shards(s, [](const auto& part) { return part.quiet || part.looked; })) return false;
  for (auto& one : s.tables) {
    for (auto& part : one.shards) part.looked = false;
  }
  s.swap = swap_stage::settling;
  return true;
}

said settle_shard(state& s, const machine& m) {
  if (!s.alive || s.stopped || !begin_settling(s)) return disabled;
  const bool left = take_what_is_quiet(s, s.next_shard);
  if (++s.next_shard == m.bounds.shards) {
    s.swap = swap_stage::handed_over;
    s.next_shard = 0;
  }
  return left ? response::left : response::taken;
}

// Processing ------------------------------------------------------------------------------------------------------

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

void settle_batch(state& s, fate is) {
  for (const auto one : s.batch) s.records[one - 1].is = is;
  s.batch.clear();
  s.attempts = 0;
}

said succeed(state& s) {
  if (!s.alive || s.processor != callback::running) return disabled;
  settle_batch(s, fate::delivered);
  s.processor = callback::none;
  --s.at_work;
  return response::done;
}

/// By policy: kept and tried again where each record must be delivered at least once; else it has failed.
void batch_fails(state& s, const machine& m, callback then) {
  const bool again = m.bounds.at_least_once && s.attempts < m.bounds.attempts && !s.stopped;
  if (!again) settle_batch(s, fate::failed);
  s.processor = then;
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

// Flush and stop --------------------------------------------------------------------------------------------------

bool settled_up_to(const state& s, machine::record_number last) {
  return std::all_of(s.records.begin(), s.records.begin() + static_cast<std::ptrdiff_t>(last),
                     [](const auto& one) { return one.is != fate::pending; });
}

/// Its put has not returned.
bool is_under_way(const state& s, std::uint64_t writer, machine::record_number one) {
  const auto& who = s.writers[writer];
  if (who.is != stage::written && who.is != stage::dead) return false;
  return std::none_of(s.records.begin() + static_cast<std::ptrdiff_t>(one), s.records.end(),
                      [&](const auto& later) { return later.writer == writer; });
}

said flush(state& s, std::uint64_t number) {
  if (number >= s.flushes.size() || s.flushes[number].waits) return disabled;
  auto& call = s.flushes[number];
  call.waits = true;
  for (machine::record_number one = 1; one <= s.records.size(); ++one) {
    const auto& each = s.records[one - 1];
    if (each.is == fate::pending && !is_under_way(s, each.writer, one)) call.covers.push_back(one);
  }
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

said stop_answers(state& s) {
  const bool drained = all_is_quiet(s) && settled_up_to(s, s.records.size());
  if (!s.closing || s.stopped || s.timed_out || !is_idle(s) || !drained) return disabled;
  end_all_tables(s);
  s.stopped = true;
  return response::done;
}

bool may_be_kept(const state& s, const machine& m) { return s.processor != callback::none || m.gives_whole_tables(); }

said give_up(state& s, const machine& m) {
  if (!s.closing || s.stopped || s.batch.empty() || !may_be_kept(s, m)) return disabled;
  s.timed_out = true;
  settle_batch(s, fate::failed);
  if (s.processor == callback::running) s.processor = callback::ignored;
  return response::done;
}

/// What no processor has is returned, also what failed and was to be tried again.
/// Writers that are inside are waited for: what they were told is accepted has to be somewhere.
said deadline(state& s, const machine& m) {
  const bool given_up = s.batch.empty() || !may_be_kept(s, m);
  if (!s.closing || s.stopped || !all_is_quiet(s) || !given_up) return disabled;
  s.stopped = s.timed_out = true;
  settle_batch(s, fate::returned);
  for (auto& one : s.records) {
    if (one.is == fate::pending) one.is = fate::returned;
  }
  s.in_flight.clear();
  end_all_tables(s);
  return response::done;
}

}  // namespace

std::vector<machine::record_number> double_buffer_swap::buffered(const state& s) {
  std::vector<record_number> all;
  for (const auto& one : s.tables) {
    for (const auto& part : one.shards) all.insert(all.end(), part.records.begin(), part.records.end());
  }
  return all;
}

machine::state double_buffer_swap::initial() const {
  state s;
  s.tables.resize(bounds.tables);
  for (auto& one : s.tables) one.shards.resize(bounds.shards);
  s.tables[0].is = role::current;
  s.tables[0].generation = s.generation;
  for (auto& part : s.tables[0].shards) part.quiet = part.taken = false;
  s.writers.resize(bounds.writers);
  s.flushes.resize(bounds.flushes);
  return s;
}

std::optional<response> double_buffer_swap::carry_out(state& s, const command& c) const {
  switch (c.what) {
    case event::resolve:
      return resolve(s, *this, c.a, c.b);
    case event::enter:
      return enter(s, *this, c.a);
    case event::back_out:
      return back_out(s, *this, c.a);
    case event::write:
      return write(s, *this, c.a);
    case event::leave:
      return leave_from(s, *this, c.a, stage::written);
    case event::die:
      return die(s, *this, c.a);
    case event::death_notice:
      return death_notice(s, *this, c.a);
    case event::tick:
      if (s.due || s.closing || !s.alive) return disabled;
      s.due = true;
      return response::done;
    case event::open:
      return open(s);
    case event::publish:
      return publish(s);
    case event::look:
      return look(s, *this, c.a, c.b);
    case event::take_up:
      return take_up(s);
    case event::settle_shard:
      return settle_shard(s, *this);
    case event::give:
      return give(s, *this);
    case event::succeed:
      return succeed(s);
    case event::fail:
      return fail(s, *this, callback::none);
    case event::time_out:
      return fail(s, *this, callback::ignored);
    case event::return_late:
      if (s.processor != callback::ignored) return disabled;
      s.processor = callback::none;
      --s.at_work;
      return response::done;
    case event::complete:
      return complete(s);
    case event::partition_dies:
      return partition_dies(s, *this);
    case event::restart:
      if (s.alive) return disabled;
      s.alive = true;
      return response::done;
    case event::flush:
      return flush(s, c.a);
    case event::flush_answers:
      return flush_answers(s, c.a);
    case event::flush_gives_up:
      return flush_gives_up(s, c.a);
    case event::stop:
      return stop(s, *this);
    case event::stop_answers:
      return stop_answers(s);
    case event::give_up:
      return give_up(s, *this);
    case event::deadline:
      return deadline(s, *this);
  }
  return disabled;
}

std::vector<machine::command> double_buffer_swap::commands_in(const state& s) const {
  std::vector<command> all;
  for (std::uint64_t w = 0; w < s.writers.size(); ++w) {
    for (const auto what :
         {event::resolve, event::enter, event::back_out, event::write, event::leave, event::die, event::death_notice}) {
      all.push_back({what, w});
    }
  }
  for (const auto what :
       {event::tick, event::open, event::publish, event::take_up, event::settle_shard, event::give, event::succeed,
        event::fail, event::time_out, event::return_late, event::complete, event::partition_dies, event::restart,
        event::stop, event::stop_answers, event::give_up, event::deadline}) {
    all.push_back({what, 0});
  }
  for (std::uint64_t f = 0; f < s.flushes.size(); ++f) {
    for (const auto what : {event::flush, event::flush_answers, event::flush_gives_up}) all.push_back({what, f});
  }
  for (const auto& one : s.tables) {
    if (one.is != role::retired) continue;
    for (std::uint64_t w = 0; w < s.writers.size(); ++w) all.push_back({event::resolve, w, one.generation});
    for (std::uint64_t i = 0; i < one.shards.size(); ++i) {
      // A look that finds nothing new is no step.
      const auto& part = one.shards[i];
      const bool counts = s.swap == swap_stage::looking && !part.looked;
      if (part.registered == 0 || counts) all.push_back({event::look, one.generation, i});
    }
  }
  return all;
}

}  // namespace wavetank::model

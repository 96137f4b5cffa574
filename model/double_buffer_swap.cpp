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
  return part.closed && !part.taken && part.registered == 0 && !older_is_left(s, of, shard);
}

bool has_records(const machine::table& one) {
  return std::any_of(one.shards.begin(), one.shards.end(), [](const auto& part) { return !part.records.empty(); });
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

said resolve(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.is != stage::outside || s.records.size() == m.bounds.records) return disabled;
  const auto* const current = find_table(std::as_const(s), role::current);
  if (s.closing || current == nullptr) return response::closed;
  who.is = stage::resolved;
  who.at = static_cast<std::uint64_t>(current - s.tables.data());
  who.generation = current->generation;
  return response::done;
}

/// Counted first, then looked: what the writer finds decides whether it is in.
said enter(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.is != stage::resolved) return disabled;
  auto& part = shard_at(s, m, number);
  ++part.registered;
  who.holds = true;
  const bool welcome = !part.closed && s.tables[who.at].generation == who.generation;
  who.is = welcome ? stage::registered : stage::backing_out;
  return welcome ? response::done : response::sent_back;
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
  if (s.stopped) return response::closed;
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

/// Nothing is published for an empty table, nor without a free one: stragglers must not use up the pool.
said open(state& s) {
  if (!is_idle(s) || !s.due) return disabled;
  const auto* const current = find_table(std::as_const(s), role::current);
  auto* const fresh = find_table(s, role::free);
  const bool filled = current != nullptr && has_records(*current);
  if (filled && (s.closing || fresh != nullptr)) {
    if (!s.closing) {
      fresh->is = role::fresh;
      fresh->generation = ++s.generation;
      for (auto& part : fresh->shards) part.closed = part.taken = false;
    }
    s.swap = swap_stage::opened;
  } else if (something_is_quiet(s)) {
    s.swap = swap_stage::settling;
  } else if (filled || s.closing || s.barrier) {
    return disabled;
  }
  s.due = s.closing;
  return response::done;
}

said take_up(state& s) {
  if (!is_idle(s) || !something_is_quiet(s)) return disabled;
  s.swap = swap_stage::settling;
  return response::done;
}

said publish(state& s) {
  if (!s.alive || s.stopped || s.swap != swap_stage::opened) return disabled;
  if (auto* const old = find_table(s, role::current)) old->is = role::retired;
  if (auto* const fresh = find_table(s, role::fresh)) fresh->is = role::current;
  s.swap = swap_stage::closing;
  s.next_shard = 0;
  return response::done;
}

machine::table* newest_retired(state& s) {
  machine::table* newest = nullptr;
  for (auto& one : s.tables) {
    if (one.is == role::retired && (newest == nullptr || newest->generation < one.generation)) newest = &one;
  }
  return newest;
}

said close_shard(state& s, const machine& m) {
  if (!s.alive || s.stopped || s.swap != swap_stage::closing) return disabled;
  if (auto* const old = newest_retired(s)) old->shards[s.next_shard].closed = true;
  if (++s.next_shard != m.bounds.shards) return response::done;
  s.swap = swap_stage::settling;
  s.next_shard = 0;
  return response::done;
}

/// The oldest generation first, so that a shard that has become quiet goes before what came after it.
bool take_what_is_quiet(state& s, std::size_t shard, std::uint64_t all_left_from) {
  std::vector<machine::table*> retired;
  for (auto& one : s.tables) {
    if (one.is == role::retired) retired.push_back(&one);
  }
  std::sort(retired.begin(), retired.end(), [](auto* a, auto* b) { return a->generation < b->generation; });
  bool left = false;
  for (auto* const one : retired) {
    auto& part = one->shards[shard];
    if (part.taken) continue;
    const bool looked_busy = all_left_from != 0 && one->generation >= all_left_from;
    if (looked_busy || !can_be_taken(s, *one, shard)) {
      left = true;
      continue;
    }
    s.in_flight.insert(s.in_flight.end(), part.records.begin(), part.records.end());
    part.records.clear();
    part.taken = true;
  }
  return left;
}

said settle_shard(state& s, const machine& m, std::uint64_t all_left_from) {
  if (!s.alive || s.stopped || s.swap != swap_stage::settling) return disabled;
  const bool left = take_what_is_quiet(s, s.next_shard, all_left_from);
  if (++s.next_shard == m.bounds.shards) {
    s.swap = swap_stage::handed_over;
    s.next_shard = 0;
  }
  return left ? response::left : response::taken;
}

// Processing ------------------------------------------------------------------------------------------------------

said give(state& s, const machine& m) {
  if (!s.alive || s.stopped || s.swap != swap_stage::handed_over || s.processor != callback::none) return disabled;
  if (s.batch.empty()) {
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(m.bounds.batch_size, s.in_flight.size()));
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
    one.is = role::free;
    one.generation = 0;
  }
  s.swap = swap_stage::none;
  s.due = s.due || s.barrier || s.closing;
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

said flush_answers(state& s) {
  if (!s.barrier || !settled_up_to(s, *s.barrier)) return disabled;
  s.barrier.reset();
  return response::done;
}

bool nothing_is_left(const state& s) {
  const bool outside = std::none_of(s.writers.begin(), s.writers.end(), [](const auto& one) { return one.holds; });
  return outside && settled_up_to(s, s.records.size());
}

said stop_answers(state& s) {
  if (!s.closing || s.stopped || !is_idle(s) || !nothing_is_left(s)) return disabled;
  if (auto* const current = find_table(s, role::current)) {
    for (auto& part : current->shards) part.closed = part.taken = true;
    current->is = role::free;
    current->generation = 0;
  }
  s.stopped = true;
  s.due = false;
  return response::done;
}

/// What no processor has is returned, also what failed and was to be tried again; what one has counts as failed. A
/// writer that is still inside is refused.
said deadline(state& s, const machine& m) {
  if (!s.closing || s.stopped) return disabled;
  s.stopped = s.timed_out = true;
  s.due = false;
  if (s.processor == callback::running) batch_fails(s, m, callback::ignored);
  settle_batch(s, s.processor == callback::ignored ? fate::failed : fate::returned);
  for (auto& one : s.records) {
    if (one.is == fate::pending) one.is = fate::returned;
  }
  s.in_flight.clear();
  for (auto& one : s.tables) {
    for (auto& part : one.shards) {
      part.records.clear();
      part.closed = part.taken = true;
    }
    one.is = role::free;
    one.generation = 0;
  }
  s.swap = swap_stage::none;
  s.next_shard = 0;
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
  for (auto& part : s.tables[0].shards) part.closed = part.taken = false;
  s.writers.resize(bounds.writers);
  return s;
}

std::optional<response> double_buffer_swap::carry_out(state& s, const command& c) const {
  switch (c.what) {
    case event::resolve:
      return resolve(s, *this, c.a);
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
      if (s.due || s.stopped || !s.alive) return disabled;
      s.due = true;
      return response::done;
    case event::open:
      return open(s);
    case event::take_up:
      return take_up(s);
    case event::publish:
      return publish(s);
    case event::close_shard:
      return close_shard(s, *this);
    case event::settle_shard:
      return settle_shard(s, *this, c.a);
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
      if (s.barrier || s.closing || !bounds.flushes) return disabled;
      s.barrier = s.records.size();
      s.due = true;
      return response::done;
    case event::flush_answers:
      return flush_answers(s);
    case event::stop:
      if (s.closing || !bounds.stops) return disabled;
      s.closing = s.due = true;
      return response::done;
    case event::stop_answers:
      return stop_answers(s);
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
       {event::tick, event::open, event::take_up, event::publish, event::close_shard, event::settle_shard, event::give,
        event::succeed, event::fail, event::time_out, event::return_late, event::complete, event::partition_dies,
        event::restart, event::flush, event::flush_answers, event::stop, event::stop_answers, event::deadline}) {
    all.push_back({what, 0});
  }
  for (const auto& one : s.tables) {
    if (s.swap == swap_stage::settling && one.is == role::retired && !one.shards[s.next_shard].taken) {
      all.push_back({event::settle_shard, one.generation});
    }
  }
  return all;
}

}  // namespace wavetank::model

#include <wavetank/model/buffer.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using state = buffer::state;
using command = buffer::command;
using response = buffer::response;
using result = buffer::result;
using event = buffer::event;
using held = buffer::held;
using count = buffer::count;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

std::uint64_t& tally(state& s, count what) { return s.so_far[static_cast<std::size_t>(what)]; }

held* find_key(std::vector<held>& in, std::uint64_t key) {
  const auto at = std::find_if(in.begin(), in.end(), [&](const held& one) { return one.key == key; });
  return at == in.end() ? nullptr : &*at;
}

held* find_in_flight(state& s, std::uint64_t key) {
  held* const waits = find_key(s.in_flight, key);
  return waits != nullptr ? waits : find_key(s.batch, key);
}

// Puts ------------------------------------------------------------------------------------------------------------

/// The newest version that is not delivered yet.
std::uint64_t version_floor(state& s, std::uint64_t key) {
  const held* const here = find_key(s.buffered, key);
  const held* const there = find_in_flight(s, key);
  return std::max(here != nullptr ? here->version : 0, there != nullptr ? there->version : 0);
}

void enter(state& s, const buffer::entry& record) {
  held fresh{record};
  fresh.number = ++tally(s, count::accepted);
  s.buffered.push_back(fresh);
}

said supersede(state& s, held& old, const buffer::entry& record) {
  static_cast<buffer::entry&>(old) = record;
  old.number = ++tally(s, count::accepted);
  ++tally(s, count::superseded);
  return response{result::replaced};
}

/// One that makes room: the oldest of this producer, or else of all.
bool drop_oldest(state& s, std::uint64_t producer) {
  if (s.buffered.empty()) return false;
  auto at =
      std::find_if(s.buffered.begin(), s.buffered.end(), [&](const held& one) { return one.producer == producer; });
  s.buffered.erase(at == s.buffered.end() ? s.buffered.begin() : at);
  ++tally(s, count::dropped_oldest);
  return true;
}

said drop_newest(const buffer& m, state& s, std::uint64_t more) {
  tally(s, count::accepted) += more;
  tally(s, count::dropped_newest) += more;
  return response{m.keyed ? result::inserted : result::accepted};
}

/// Empty: there is room now for so many more.
said make_room(const buffer& m, state& s, std::uint64_t more, std::uint64_t producer) {
  const auto fits = [&] { return m.max_records == buffer::unlimited || buffer::size_of(s) + more <= m.max_records; };
  if (fits()) return {};
  if (more > m.max_records) return response{result::too_large};
  switch (m.policy) {
    case overflow::reject:
    case overflow::coalesce:
      return response{result::full};
    case overflow::block:
      return response{result::deadline};
    case overflow::drop_newest:
      return drop_newest(m, s, more);
    case overflow::drop_oldest:
      while (!fits()) {
        if (!drop_oldest(s, producer)) return drop_newest(m, s, more);
      }
      return {};
  }
  return {};
}

said push(const buffer& m, state& s, const std::vector<buffer::entry>& some) {
  if (const auto refused = make_room(m, s, some.size(), some.front().producer)) return refused;
  for (const auto& one : some) enter(s, one);
  return response{m.keyed ? result::inserted : result::accepted};
}

said put(const buffer& m, state& s, const command& c) {
  if (s.closing) return response{result::closed};
  if (!m.keyed) return push(m, s, c.batch.empty() ? std::vector{c.record} : c.batch);
  if (c.what == event::put_newer && c.record.version <= version_floor(s, c.record.key)) return response{result::stale};
  if (held* const old = find_key(s.buffered, c.record.key)) return supersede(s, *old, c.record);
  return push(m, s, {c.record});
}

// Maps ------------------------------------------------------------------------------------------------------------

said get(state& s, std::uint64_t key) {
  if (const held* const here = find_key(s.buffered, key)) return response{result::value, here->value};
  const held* const there = find_in_flight(s, key);
  if (there != nullptr && !there->hidden) return response{result::value, there->value};
  return response{result::miss};
}

said erase(state& s, std::uint64_t key) {
  if (s.closing) return response{result::closed};
  bool found = false;
  if (held* const here = find_key(s.buffered, key)) {
    s.buffered.erase(s.buffered.begin() + (here - s.buffered.data()));
    ++tally(s, count::erased);
    found = true;
  }
  if (held* const there = find_in_flight(s, key)) {
    found = found || !there->hidden;
    there->hidden = true;
  }
  return response{found ? result::erased : result::miss};
}

// The table in flight ---------------------------------------------------------------------------------------------

said swap(state& s) {
  if (!s.in_flight.empty() || !s.batch.empty() || s.stopped) return disabled;
  s.in_flight = std::move(s.buffered);
  s.buffered.clear();
  return response{};
}

/// Entries of a map come in any order, those of a queue in each producer's.
std::optional<std::vector<held>> take(const buffer& m, std::vector<held>& from,
                                      const std::vector<buffer::entry>& wanted) {
  std::vector<held> taken;
  for (const auto& one : wanted) {
    const auto at = std::find_if(from.begin(), from.end(), [&](const held& other) {
      return m.keyed ? other.key == one.key : other.producer == one.producer;
    });
    if (at == from.end() || static_cast<const buffer::entry&>(*at) != one) return std::nullopt;
    taken.push_back(*at);
    from.erase(at);
  }
  return taken;
}

said give(const buffer& m, state& s, const command& c) {
  if (s.given || s.stopped || c.batch.empty()) return disabled;
  if (!s.batch.empty()) {
    const bool same = std::equal(s.batch.begin(), s.batch.end(), c.batch.begin(), c.batch.end(),
                                 [](const buffer::entry& a, const buffer::entry& b) { return a == b; });
    if (!same) return disabled;
  } else {
    const bool all = c.batch.size() == s.in_flight.size();
    if (m.batch_size == buffer::whole_table ? !all : c.batch.size() > m.batch_size) return disabled;
    if (!all && c.batch.size() < m.batch_size) return disabled;
    auto taken = take(m, s.in_flight, c.batch);
    if (!taken) return disabled;
    s.batch = std::move(*taken);
  }
  s.given = true;
  return response{};
}

said settle(state& s, const command& c) {
  if (!s.given || s.stopped) return disabled;
  s.given = false;
  if (c.came_to == buffer::outcome::again) return response{};
  tally(s, c.came_to == buffer::outcome::delivered ? count::delivered : count::failed) += s.batch.size();
  s.batch.clear();
  return response{};
}

// Flush and stop --------------------------------------------------------------------------------------------------

std::uint64_t oldest_unsettled(const state& s) {
  std::uint64_t oldest = ~std::uint64_t{0};
  for (const auto* table : {&s.buffered, &s.in_flight, &s.batch}) {
    for (const held& one : *table) oldest = std::min(oldest, one.number);
  }
  return oldest;
}

said flush_answers(state& s, std::uint64_t call) {
  const auto* const last = s.flushes.find(call);
  if (last == nullptr || oldest_unsettled(s) <= *last) return disabled;
  s.flushes.erase(call);
  return response{};
}

/// `some` are all of `rest`; of a map in any order, since a key may be in two tables.
bool are_all_of(const buffer& m, std::vector<held> rest, const std::vector<buffer::entry>& some) {
  if (rest.size() != some.size()) return false;
  if (!m.keyed) return take(m, rest, some).has_value();
  return std::all_of(some.begin(), some.end(), [&](const buffer::entry& one) {
    const auto at = std::find_if(rest.begin(), rest.end(),
                                 [&](const held& other) { return static_cast<const buffer::entry&>(other) == one; });
    if (at == rest.end()) return false;
    rest.erase(at);
    return true;
  });
}

/// What is with the processor at the deadline counts as failed; the rest is given back, oldest table first.
said stop_answers(const buffer& m, state& s, const command& c) {
  if (!s.closing || s.stopped) return disabled;
  std::vector<held> rest;
  if (!s.given) rest = s.batch;
  rest.insert(rest.end(), s.in_flight.begin(), s.in_flight.end());
  rest.insert(rest.end(), s.buffered.begin(), s.buffered.end());
  if (!are_all_of(m, rest, c.batch)) return disabled;
  const bool drained = buffer::size_of(s) == 0;
  if (s.given) tally(s, count::failed) += s.batch.size();
  tally(s, count::returned) += rest.size();
  s.in_flight.clear();
  s.buffered.clear();
  s.batch.clear();
  s.given = false;
  s.stopped = true;
  return response{drained ? result::drained : result::left_over};
}

}  // namespace

buffer::counts buffer::counts_of(const state& s) {
  counts all = s.so_far;
  all[static_cast<std::size_t>(count::buffered)] = s.buffered.size();
  all[static_cast<std::size_t>(count::in_flight)] = s.in_flight.size() + s.batch.size();
  return all;
}

std::optional<response> buffer::carry_out(state& s, const command& c) const {
  switch (c.what) {
    case event::put:
    case event::put_newer:
      return put(*this, s, c);
    case event::get:
      return get(s, c.record.key);
    case event::erase:
      return erase(s, c.record.key);
    case event::swap:
      return swap(s);
    case event::give:
      return give(*this, s, c);
    case event::settle:
      return settle(s, c);
    case event::flush:
      if (s.flushes.contains(c.call)) return disabled;
      s.flushes.put(c.call, s.so_far[static_cast<std::size_t>(count::accepted)]);
      return response{};
    case event::flush_answers:
      return flush_answers(s, c.call);
    case event::stop:
      if (s.closing) return disabled;
      s.closing = true;
      return response{};
    case event::stop_answers:
      return stop_answers(*this, s, c);
    case event::read_counts:
      return response{result::done, 0, counts_of(s)};
  }
  return disabled;
}

}  // namespace wavetank::model

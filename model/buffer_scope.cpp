#include <wavetank/model/buffer_scope.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using state = buffer::state;
using command = buffer::command;
using response = buffer::response;
using result = buffer::result;
using event = buffer::event;
using count = buffer::count;
using held = buffer::held;
using claims = properties_of<buffer_scope>;

std::uint64_t counted(const state& s, count what) { return s.so_far[static_cast<std::size_t>(what)]; }

std::vector<buffer::entry> entries_of(const std::vector<held>& some) { return {some.begin(), some.end()}; }

/// The chunk that comes next in the order of acceptance, or the one that is kept.
std::vector<buffer::entry> next_chunk(const buffer& of, const state& s) {
  if (!s.batch.empty()) return entries_of(s.batch);
  auto all = entries_of(s.in_flight);
  if (of.batch_size != buffer::whole_table && all.size() > of.batch_size) all.resize(of.batch_size);
  return all;
}

std::vector<buffer::entry> rest_of(const state& s) {
  std::vector<held> all;
  if (!s.given) all = s.batch;
  all.insert(all.end(), s.in_flight.begin(), s.in_flight.end());
  all.insert(all.end(), s.buffered.begin(), s.buffered.end());
  return entries_of(all);
}

// The claims ------------------------------------------------------------------------------------------------------

bool is_balanced(const state& s) {
  const auto all = buffer::counts_of(s);
  std::uint64_t accounted = 0;
  for (std::size_t i = 1; i < all.size(); ++i) accounted += all[i];
  return accounted == all[0];
}

std::uint64_t distinct_numbers(const state& s) {
  std::vector<std::uint64_t> numbers;
  for (const auto* table : {&s.buffered, &s.in_flight, &s.batch}) {
    for (const held& one : *table) numbers.push_back(one.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return static_cast<std::uint64_t>(std::unique(numbers.begin(), numbers.end()) - numbers.begin());
}

/// D2: what is given is older than all that its producer has in the partition.
bool producers_are_in_order(const state& before, const command& c, const state& after) {
  if (c.what != event::give || !before.batch.empty()) return true;
  for (const held& given : after.batch) {
    for (const auto* table : {&after.in_flight, &after.buffered}) {
      for (const held& later : *table) {
        if (later.producer == given.producer && later.number < given.number) return false;
      }
    }
  }
  return true;
}

/// D8: of a key that is in two tables, the newer version is in the later one.
bool versions_ascend(const state& s) {
  for (const held& here : s.buffered) {
    for (const auto* table : {&s.in_flight, &s.batch}) {
      for (const held& there : *table) {
        if (here.key == there.key && here.version != 0 && here.version <= there.version) return false;
      }
    }
  }
  return true;
}

bool keys_are_unique(const std::vector<held>& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    for (std::size_t k = i + 1; k < table.size(); ++k) {
      if (table[i].key == table[k].key) return false;
    }
  }
  return true;
}

bool a_barrier_is_behind(const state& before, const command& c) {
  if (c.what != event::flush_answers) return true;
  const auto last = *before.flushes.find(c.call);
  for (const auto* table : {&before.buffered, &before.in_flight, &before.batch}) {
    for (const held& one : *table) {
      if (one.number <= last) return false;
    }
  }
  return true;
}

bool is_put(const command& c) { return c.what == event::put || c.what == event::put_newer; }

bool refusals_change_nothing(const state& before, const response& said, const state& after) {
  const bool refused = said.what == result::full || said.what == result::too_large || said.what == result::closed ||
                       said.what == result::deadline || said.what == result::stale;
  return !refused || before == after;
}

bool in_either(const state& s, std::uint64_t key) {
  const auto is_it = [&](const held& one) { return one.key == key; };
  return std::any_of(s.in_flight.begin(), s.in_flight.end(), is_it) ||
         std::any_of(s.batch.begin(), s.batch.end(), is_it);
}

void add_landmarks_of_maps(claims& all) {
  all.reachable_steps.push_back({"a version is stale because of the table in flight",
                                 [](const state& s, const command& c, const response& said, const state&) {
                                   return said.what == result::stale && s.buffered.empty() &&
                                          in_either(s, c.record.key);
                                 }});
  all.reachable_steps.push_back({"a get reads through to the table in flight",
                                 [](const state& s, const command& c, const response& said, const state&) {
                                   return c.what == event::get && said.what == result::value && s.buffered.empty();
                                 }});
  all.reachable_steps.push_back({"a get misses what is erased and still in flight",
                                 [](const state& s, const command& c, const response& said, const state&) {
                                   return c.what == event::get && said.what == result::miss &&
                                          in_either(s, c.record.key);
                                 }});
  all.reachable_steps.push_back({"a record is superseded", [](const state&, const command&, const response& said,
                                                              const state&) { return said.what == result::replaced; }});
}

void add_landmarks_of_bounds(claims& all, const buffer_bounds& bounds) {
  if (bounds.max_records == 0 || bounds.max_records >= bounds.puts) return;
  switch (static_cast<overflow>(bounds.policy)) {
    case overflow::reject:
    case overflow::block:
    case overflow::coalesce:
      all.reachable_steps.push_back(
          {"a put finds no room", [](const state&, const command& c, const response& said, const state&) {
             return is_put(c) && (said.what == result::full || said.what == result::deadline);
           }});
      return;
    case overflow::drop_newest:
      all.reachable.push_back(
          {"a new record is dropped", [](const state& s) { return counted(s, count::dropped_newest) != 0; }});
      return;
    case overflow::drop_oldest:
      all.reachable.push_back(
          {"an old record is dropped", [](const state& s) { return counted(s, count::dropped_oldest) != 0; }});
      return;
  }
}

}  // namespace

std::vector<command> buffer_scope::commands_in(const state& s) const {
  std::vector<command> all;
  const std::uint64_t next = counted(s, count::accepted) + 1;
  const bool more = next <= bounds.puts;
  const auto puts = [&](event what, buffer::entry record) {
    if (more) all.push_back({what, record, 0, {}, {}});
  };
  if (!bounds.keyed) {
    for (std::uint64_t p = 1; p <= bounds.producers; ++p) {
      puts(event::put, {p, 0, next, 0});
      if (next < bounds.puts) all.push_back({event::put, {}, 0, {}, {{p, 0, next, 0}, {p, 0, next + 1, 0}}});
    }
  }
  for (std::uint64_t key = 1; bounds.keyed && key <= bounds.keys; ++key) {
    puts(event::put, {0, key, next, 0});
    for (std::uint64_t version = 1; version <= bounds.versions; ++version) {
      puts(event::put_newer, {0, key, next, version});
    }
    all.push_back({event::get, {0, key, 0, 0}, 0, {}, {}});
    all.push_back({event::erase, {0, key, 0, 0}, 0, {}, {}});
  }
  if (!s.buffered.empty()) all.push_back({event::swap, {}, 0, {}, {}});
  all.push_back({event::give, {}, 0, {}, next_chunk(partition, s)});
  all.push_back({event::settle, {}, 0, buffer::outcome::delivered, {}});
  all.push_back({event::settle, {}, 0, buffer::outcome::failed, {}});
  if (bounds.retries) all.push_back({event::settle, {}, 0, buffer::outcome::again, {}});
  if (s.flushes.empty()) all.push_back({event::flush, {}, 1, {}, {}});
  all.push_back({event::flush_answers, {}, 1, {}, {}});
  all.push_back({event::stop, {}, 0, {}, {}});
  all.push_back({event::stop_answers, {}, 0, {}, rest_of(s)});
  return all;
}

buffer_scope scope_of(const buffer_bounds& bounds) {
  return {bounds, buffer{bounds.keyed, bounds.max_records, static_cast<overflow>(bounds.policy), bounds.batch_size}};
}

claims buffer_properties(const buffer_bounds& bounds) {
  claims all;
  all.invariants = {
      {"D1: accepted is accounted", is_balanced},
      {"D1: no record is in two places", [](const state& s) { return distinct_numbers(s) == buffer::size_of(s); }},
      {"D5: after a stop nothing is buffered or in flight",
       [](const state& s) { return !s.stopped || buffer::size_of(s) == 0; }},
  };
  if (bounds.max_records != 0) {
    all.invariants.push_back(
        {"D6: bounds", [most = bounds.max_records](const state& s) { return buffer::size_of(s) <= most; }});
  }
  if (bounds.keyed) {
    all.invariants.push_back({"D8: versions ascend from table to table", versions_ascend});
    all.invariants.push_back({"a table has a key once", [](const state& s) { return keys_are_unique(s.buffered); }});
  }
  all.step_invariants = {
      {"D4: a flush covers what was accepted before it",
       [](const state& b, const command& c, const response&, const state&) { return a_barrier_is_behind(b, c); }},
      {"D5: closed is for good", [](const state& b, const command& c, const response& said,
                                    const state&) { return !is_put(c) || !b.closing || said.what == result::closed; }},
      {"a refused put changes nothing", [](const state& b, const command&, const response& said,
                                           const state& a) { return refusals_change_nothing(b, said, a); }},
  };
  if (!bounds.keyed) {
    all.step_invariants.push_back({"D2: a producer's records are given in its order",
                                   [](const state& b, const command& c, const response&, const state& a) {
                                     return producers_are_in_order(b, c, a);
                                   }});
  }
  all.reachable_steps = {
      {"a flush answers while later records wait",
       [](const state& b, const command& c, const response&, const state&) {
         return c.what == event::flush_answers && buffer::size_of(b) != 0;
       }},
      {"a stop gives back what a processor had no time for",
       [](const state&, const command&, const response& said, const state&) { return said.what == result::left_over; }},
      {"a stop has drained everything",
       [](const state& b, const command&, const response& said, const state&) {
         return said.what == result::drained && counted(b, count::delivered) != 0;
       }},
  };
  if (bounds.keyed) add_landmarks_of_maps(all);
  add_landmarks_of_bounds(all, bounds);
  all.may_rest = [](const state& s) { return buffer::size_of(s) == 0 && s.flushes.empty() && s.closing == s.stopped; };
  all.certain = [](const state&, const command& c) {
    return c.what == event::swap || c.what == event::give || c.what == event::settle ||
           c.what == event::flush_answers || c.what == event::stop_answers;
  };
  return all;
}

}  // namespace wavetank::model

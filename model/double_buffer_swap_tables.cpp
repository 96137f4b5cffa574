#include <wavetank/model/double_buffer_swap_steps.h>

#include <algorithm>

namespace wavetank::model::swap_steps {

machine::table* find_table(state& s, role what) {
  const auto found = std::find_if(s.tables.begin(), s.tables.end(), [&](const auto& one) { return one.is == what; });
  return found == s.tables.end() ? nullptr : &*found;
}

const machine::table* find_table(const state& s, role what) { return find_table(const_cast<state&>(s), what); }

void free_table(machine::table& one) {
  for (auto& part : one.shards) part.quiet = part.taken = true;
  one.is = role::free;
  one.generation = 0;
}

bool is_idle(const state& s) {
  return s.alive && s.swap == swap_stage::none && s.processor == callback::none && !s.stopped;
}

bool a_flush_waits(const state& s) {
  return std::any_of(s.flushes.begin(), s.flushes.end(), [](const auto& one) { return one.waits; });
}

namespace {

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

/// A shard that was left has become quiet.
bool something_is_quiet(const state& s) {
  for (const auto& one : s.tables) {
    for (std::size_t i = 0; one.is == role::retired && i < one.shards.size(); ++i) {
      if (can_be_taken(s, one, i)) return true;
    }
  }
  return false;
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
  if (!machine::has_looked_at_all(s)) return false;
  for (auto& one : s.tables) {
    for (auto& part : one.shards) part.looked = false;
  }
  s.swap = swap_stage::settling;
  return true;
}

}  // namespace

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

bool take_all_that_is_quiet(state& s) {
  const bool some = something_is_quiet(s);
  for (std::size_t i = 0; i < s.tables.front().shards.size(); ++i) take_what_is_quiet(s, i);
  return some;
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

}  // namespace wavetank::model::swap_steps

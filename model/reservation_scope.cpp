#include <wavetank/model/reservation_scope.h>

#include <algorithm>
#include <optional>

namespace wavetank::model {
namespace {

using table = reservation;
using scope_state = reservation_scope_state;
using result = table::result;
using command = table::command;
using commands = std::vector<command>;
using bounds_of = reservation_bounds;

/// Stands for every token, claim and call that is over, or never was.
constexpr std::uint64_t an_old_one = 99;

/// The smallest number that `is_used` does not know: one for all, so that equal situations are equal states.
template <class IsUsed>
std::optional<std::uint64_t> smallest_free(std::uint64_t first, std::uint64_t step, std::uint64_t count,
                                           IsUsed&& is_used) {
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!is_used(first + i * step)) return first + i * step;
  }
  return std::nullopt;
}

bool token_is_used(const scope_state& s, token_number token) {
  const auto& rows = s.table.rows;
  return s.writers.contains(token) || s.table.stragglers.contains(token) ||
         std::any_of(rows.begin(), rows.end(), [&](const auto& entry) { return entry.second.token == token; });
}

/// Each key has tokens of its own, so that what happens to one key does not number another's.
std::optional<token_number> free_token(const scope_state& s, key_number key, const bounds_of& bounds) {
  return smallest_free(key, bounds.keys, bounds.tokens, [&](token_number one) { return token_is_used(s, one); });
}

std::optional<claim_number> free_claim(const scope_state& s, const bounds_of& bounds) {
  return smallest_free(1, 1, bounds.claims, [&](claim_number one) { return s.table.claims.contains(one); });
}

std::optional<call_number> free_call(const scope_state& s, const bounds_of& bounds) {
  return smallest_free(1, 1, bounds.calls, [&](call_number one) {
    return s.table.unheard.contains(one) ||
           std::any_of(s.table.queue.begin(), s.table.queue.end(), [&](const auto& w) { return w.call == one; });
  });
}

/// Claims pin so many generations at most, and a row has one.
generation_number free_generation(const scope_state& s, key_number key, const bounds_of& bounds) {
  const auto& now = s.table;
  return *smallest_free(1, 1, bounds.claims + bounds.calls + 2, [&](generation_number one) {
    return now.generations.contains({key, one}) ||
           std::any_of(now.unheard.begin(), now.unheard.end(),
                       [&](const auto& entry) { return entry.second.generation == one; });
  });
}

/// A key is saved in one tier, so that no scope grows for the other.
tier file_tier_of(key_number key) { return key % 2 == 1 ? tier::ram_file : tier::disk; }

bool is_blocked(const scope_state& s, task_number task) {
  const auto& now = s.table;
  return std::any_of(now.queue.begin(), now.queue.end(), [&](const auto& one) { return one.task == task; }) ||
         std::any_of(now.unheard.begin(), now.unheard.end(), [&](const auto& one) { return one.second.task == task; });
}

void add_new_calls(commands& all, const scope_state& s, const bounds_of& bounds) {
  const auto claim = free_claim(s, bounds);
  const auto call = free_call(s, bounds);
  for (task_number task = 1; task <= bounds.tasks; ++task) {
    if (s.table.dead.contains(task) || is_blocked(s, task)) continue;
    for (key_number key = 1; key <= bounds.keys; ++key) {
      if (const auto token = free_token(s, key, bounds)) {
        all.push_back(table::reserve_save{*token, key, file_tier_of(key), task});
        all.push_back(table::reserve_save{*token, key, tier::ram, task});
      }
      if (claim) all.push_back(table::checkout{*claim, key, task});
      if (!call) continue;
      for (const auto waits : {patience::one_attempt, patience::until_deadline, patience::forever}) {
        all.push_back(table::lookup_or_wait{*call, key, task, waits});
      }
    }
  }
}

void add_steps_of_writers(commands& all, const scope_state& s, const bounds_of& bounds) {
  for (const auto& [token, writer] : s.writers) {
    if (is_blocked(s, writer.owner)) continue;
    all.push_back(table::check_reservation{token});
    if (!writer.has_file) all.push_back(table::link{token, writer.key});
    if (writer.has_file) all.push_back(table::mark_published{token});
    all.push_back(table::announce_saved{token, free_generation(s, writer.key, bounds)});
    all.push_back(table::cancel_reservation{token});
    if (!writer.has_file) all.push_back(table::abandon_reservation{token});
  }
  all.push_back(table::check_reservation{an_old_one});
  all.push_back(table::mark_published{an_old_one});
  all.push_back(table::announce_saved{an_old_one, 1});
  all.push_back(table::cancel_reservation{an_old_one});
  all.push_back(table::abandon_reservation{an_old_one});
}

void add_ends_of_calls(commands& all, const scope_state& s) {
  for (const auto& one : s.table.queue) {
    if (one.waits == patience::until_deadline) all.push_back(table::time_out{one.call});
  }
  for (const auto& entry : s.table.unheard) {
    all.push_back(table::answer{entry.first});
    all.push_back(table::time_out{entry.first});
  }
}

void add_uses_of_claims(commands& all, const scope_state& s, const bounds_of& bounds) {
  for (const auto& entry : s.table.claims) {
    all.push_back(table::checkin{entry.first});
    if (bounds.rots) all.push_back(table::report_corrupt{entry.first});
  }
  all.push_back(table::checkin{an_old_one});
}

void add_work_on_keys(commands& all, const scope_state& s, const bounds_of& bounds) {
  for (key_number key = 1; key <= bounds.keys; ++key) {
    const auto generation = free_generation(s, key, bounds);
    all.push_back(table::lookup_exact{key});
    all.push_back(table::validate{key});
    all.push_back(table::settle{key, generation});
    all.push_back(table::unlink{key});
    all.push_back(table::end_eviction{key});
    if (bounds.evictions) all.push_back(table::evict{key});
    if (bounds.rots) all.push_back(table::rot{key});
    if (!bounds.inserts) continue;
    all.push_back(table::insert_available{key, tier::ram, generation});
    all.push_back(table::insert_available{key, file_tier_of(key), generation});
  }
  all.push_back(table::sweep{});
  if (bounds.evictions && bounds.keys > 1) all.push_back(table::gc{});
}

void add_events(commands& all, const scope_state& s, const bounds_of& bounds) {
  for (const auto& entry : s.table.rows) {
    if (entry.second.token != 0 && !entry.second.expired) all.push_back(table::expire{entry.second.token});
  }
  if (s.table.dead.size() < bounds.deaths) {
    for (task_number task = 1; task <= bounds.tasks; ++task) {
      if (!s.table.dead.contains(task)) all.push_back(table::owner_dies{task});
    }
  }
  if (bounds.crashes) all.push_back(table::crash{});
}

// What the world remembers ------------------------------------------------------------------------------------------

/// The token of a writer's step, 0 for other commands.
token_number token_of(const command& what) {
  if (const auto* c = std::get_if<table::mark_published>(&what)) return c->token;
  if (const auto* c = std::get_if<table::announce_saved>(&what)) return c->token;
  if (const auto* c = std::get_if<table::cancel_reservation>(&what)) return c->token;
  if (const auto* c = std::get_if<table::abandon_reservation>(&what)) return c->token;
  return 0;
}

void follow_writers(scope_state& s, const command& what, const table::response& said) {
  if (const auto* asked = std::get_if<table::reserve_save>(&what); asked != nullptr && said.what == result::reserved) {
    s.writers.put(asked->token, {asked->key, asked->owner});
  }
  if (const auto* linking = std::get_if<table::link>(&what)) {
    const auto* file = s.table.files.find(linking->key);
    s.writers.find(linking->writer)->has_file = file != nullptr && file->valid;
  }
  const token_number token = token_of(what);
  const bool goes_on = said.what == result::not_linked ||
                       (std::holds_alternative<table::mark_published>(what) && said.what == result::ok);
  if (token != 0 && !goes_on) s.writers.erase(token);
  if (const auto* death = std::get_if<table::owner_dies>(&what)) {
    s.writers.erase_if([&](token_number, const auto& writer) { return writer.owner == death->task; });
  }
}

void follow_acknowledgements(scope_state& s, const table::state& before, const command& what,
                             const table::response& said) {
  if (const auto* saved = std::get_if<table::announce_saved>(&what); saved != nullptr && said.what == result::ok) {
    for (const auto& [key, row] : before.rows) {
      if (row.token == saved->token) s.acknowledged.put(key, {});
    }
  }
  if (const auto* asked = std::get_if<table::reserve_save>(&what)) {
    const auto* row = before.rows.find(asked->key);
    const bool is_file = row != nullptr && row->where != tier::ram;
    const auto* file = before.files.find(asked->key);
    const bool is_sound = file != nullptr && file->valid;
    if (said.what == result::already_present && is_file && is_sound) s.acknowledged.put(asked->key, {});
  }
  if (const auto* one = std::get_if<table::evict>(&what); one != nullptr && said.what != result::skipped) {
    s.acknowledged.erase(one->key);
  }
  if (std::holds_alternative<table::gc>(what)) {
    s.acknowledged.erase_if([&](key_number key, present) {
      const auto* row = s.table.rows.find(key);
      return row == nullptr || row->is == table::status::evicting;
    });
  }
  if (const auto* one = std::get_if<table::rot>(&what)) s.acknowledged.erase(one->key);
  if (const auto* one = std::get_if<table::report_corrupt>(&what)) {
    const auto* claim = before.claims.find(one->claim);
    const auto* bytes = claim == nullptr ? nullptr : before.generations.find(claim->bytes);
    if (bytes != nullptr && bytes->where != tier::ram) s.acknowledged.erase(claim->bytes.key);
  }
}

}  // namespace

std::vector<reservation::command> commands_in(const reservation_scope_state& s, const reservation_bounds& bounds) {
  commands all;
  if (s.table.down) {
    all.push_back(table::restart{1});
    return all;
  }
  add_new_calls(all, s, bounds);
  add_steps_of_writers(all, s, bounds);
  add_ends_of_calls(all, s);
  add_uses_of_claims(all, s, bounds);
  add_work_on_keys(all, s, bounds);
  add_events(all, s, bounds);
  return all;
}

void note_outcome(reservation_scope_state& s, const reservation::state& before, const reservation::command& what,
                  const reservation::response& said) {
  follow_acknowledgements(s, before, what, said);
  follow_writers(s, what, said);
  if (std::holds_alternative<table::crash>(what)) s.writers.clear();
}

std::string describe(const reservation_scope_state& s) {
  std::string words = describe(s.table);
  for (const auto& [token, one] : s.writers) {
    words += "; writer #" + std::to_string(token) + (one.has_file ? " has its file" : "");
  }
  for (const auto& entry : s.acknowledged) words += "; key " + std::to_string(entry.first) + " acknowledged";
  return words;
}

}  // namespace wavetank::model

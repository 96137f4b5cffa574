#include <wavetank/model/reservation.h>

#include <algorithm>

namespace wavetank::model {
namespace {

using table = reservation;
using state = table::state;
using row = table::row;
using status = table::status;
using reason = table::reason;
using sight = table::sight;
using result = table::result;
using response = table::response;
using said = std::optional<response>;

constexpr std::nullopt_t disabled = std::nullopt;

said answer_with(result what) { return response{what}; }
said row_of(generation_number generation) { return response{result::row, generation}; }
said miss(reason why) { return response{result::miss, 0, why}; }

bool is_writing(const row& one) { return one.is == status::pre_link || one.is == status::post_link; }

// What becomes of a key -------------------------------------------------------------------------------------------

row adopting(reason why) {
  row fresh;
  fresh.is = status::adopting;
  fresh.why = why;
  return fresh;
}

row evicting(reason why) {
  row fresh;
  fresh.is = status::evicting;
  fresh.why = why;
  return fresh;
}

/// Tells everybody who waits for `key`, in the order in which they came.
void tell_waiters(state& s, key_number key, generation_number generation, reason why) {
  for (const auto& one : s.queue) {
    if (one.key == key) s.unheard.put(one.call, {one.task, generation, why});
  }
  std::erase_if(s.queue, [&](const auto& one) { return one.key == key; });
}

/// A generation that no row and no claim has any more is forgotten, and its memory with it.
void retire(state& s, const table::generation_of& name) {
  const auto* bytes = s.generations.find(name);
  if (bytes != nullptr && bytes->pins == 0) s.generations.erase(name);
}

void install(state& s, key_number key, generation_number generation, tier where) {
  row fresh;
  fresh.where = where;
  fresh.generation = generation;
  fresh.backed = where != tier::ram;
  if (auto* file = s.files.find(key); file != nullptr && where != tier::ram) file->durable = true;
  if (const auto* old = s.rows.find(key); old != nullptr && old->is == status::available) {
    fresh.backed = fresh.backed || old->backed;
    retire(s, {key, old->generation});
  }
  s.rows.put(key, fresh);
  s.generations.put({key, generation}, {where});
  tell_waiters(s, key, generation, reason::none);
}

void become_absent(state& s, key_number key, reason why) {
  s.rows.erase(key);
  tell_waiters(s, key, 0, why);
}

/// A straggler may have linked: no file of it may be forgotten. A live writer meets the file itself.
void look_again(state& s, key_number key) {
  auto* there = s.rows.find(key);
  if (there == nullptr) {
    s.rows.put(key, adopting(reason::expired));
  } else if (there->is == status::available) {
    there->backed = true;
  } else if (!is_writing(*there)) {
    there->look_again = true;
  }
}

// Reservations ----------------------------------------------------------------------------------------------------

struct holding {
  key_number key;
  row* there;
};

/// The reservation of this token, live or stale.
std::optional<holding> find_reservation(state& s, token_number token) {
  for (const auto& [key, one] : s.rows) {
    if (is_writing(one) && one.token == token) return holding{key, s.rows.find(key)};
  }
  return std::nullopt;
}

std::optional<holding> find_live(state& s, token_number token) {
  const auto found = find_reservation(s, token);
  return found && !found->there->expired ? found : std::nullopt;
}

/// Begins the recovery of an expired reservation whose writer does not know yet.
void recover_behind_its_writer(state& s, key_number key) {
  const row stale = *s.rows.find(key);
  s.stragglers.put(stale.token, {key, stale.owner, stale.where});
  s.rows.put(key, adopting(reason::expired));
}

/// A writer learns that its reservation has ended, and hands the key over.
void hand_over(state& s, token_number token) {
  if (const auto stale = find_reservation(s, token)) {
    s.rows.put(stale->key, adopting(reason::expired));
  } else if (const auto* straggler = s.stragglers.find(token)) {
    const key_number key = straggler->key;
    s.stragglers.erase(token);
    look_again(s, key);
  }
}

bool has_valid_file(const state& s, key_number key) {
  const auto* file = s.files.find(key);
  return file != nullptr && file->valid;
}

said carry(state& s, const table::reserve_save& c, std::size_t) {
  if (s.dead.contains(c.owner)) return disabled;
  if (c.where == tier::ram) return answer_with(result::unsupported_tier);
  const auto* there = s.rows.find(c.key);
  if (there == nullptr) {
    row fresh;
    fresh.is = status::pre_link;
    fresh.token = c.token;
    fresh.owner = c.owner;
    fresh.where = c.where;
    s.rows.put(c.key, fresh);
    return answer_with(result::reserved);
  }
  if (there->is == status::available) return answer_with(result::already_present);
  if (!is_writing(*there) || !there->expired) return answer_with(result::conflict);
  recover_behind_its_writer(s, c.key);
  return answer_with(result::recovering);
}

said carry(state& s, const table::check_reservation& c, std::size_t) {
  return answer_with(find_live(s, c.token) ? result::ok : result::expired);
}

said carry(state& s, const table::mark_published& c, std::size_t) {
  if (const auto live = find_live(s, c.token)) {
    live->there->is = status::post_link;
    return answer_with(result::ok);
  }
  hand_over(s, c.token);
  return answer_with(result::expired);
}

said carry(state& s, const table::announce_saved& c, std::size_t way) {
  const auto live = find_live(s, c.token);
  if (way == 1 && (!live || live->there->is != status::post_link)) return disabled;
  if (!live) {
    hand_over(s, c.token);
    return answer_with(result::expired);
  }
  if (live->there->is == status::pre_link) return answer_with(result::not_linked);
  if (!has_valid_file(s, live->key)) return disabled;
  if (way == 1) {
    s.rows.put(live->key, evicting(reason::over_quota));
    return answer_with(result::over_quota);
  }
  install(s, live->key, c.generation, live->there->where);
  return answer_with(result::ok);
}

said carry(state& s, const table::insert_available& c, std::size_t way) {
  const auto* there = s.rows.find(c.key);
  if (there != nullptr && there->is != status::available) return way == 0 ? answer_with(result::conflict) : disabled;
  if (c.where != tier::ram && !has_valid_file(s, c.key)) return disabled;
  if (way == 0) {
    install(s, c.key, c.generation, c.where);
    return answer_with(result::ok);
  }
  if (there == nullptr && c.where != tier::ram) s.rows.put(c.key, evicting(reason::over_quota));
  return answer_with(result::over_quota);
}

said carry(state& s, const table::cancel_reservation& c, std::size_t) {
  if (const auto live = find_live(s, c.token)) {
    s.rows.put(live->key, evicting(reason::cancelled));
    return answer_with(result::ok);
  }
  hand_over(s, c.token);
  return answer_with(result::no_op);
}

said carry(state& s, const table::abandon_reservation& c, std::size_t) {
  if (const auto live = find_live(s, c.token)) {
    s.rows.put(live->key, adopting(reason::cancelled));
    return answer_with(result::ok);
  }
  hand_over(s, c.token);
  return answer_with(result::no_op);
}

// Claims ----------------------------------------------------------------------------------------------------------

void check_in(state& s, claim_number claim) {
  const auto name = s.claims.find(claim)->bytes;
  s.claims.erase(claim);
  --s.generations.find(name)->pins;
  const auto* there = s.rows.find(name.key);
  const bool is_current = there != nullptr && there->is == status::available && there->generation == name.generation;
  if (!is_current) retire(s, name);
}

said carry(state& s, const table::checkout& c, std::size_t) {
  if (s.dead.contains(c.owner)) return disabled;
  const auto* there = s.rows.find(c.key);
  if (there == nullptr) return answer_with(result::miss);
  if (there->is != status::available) return answer_with(result::busy);
  ++s.generations.find({c.key, there->generation})->pins;
  s.claims.put(c.claim, {{c.key, there->generation}, c.owner});
  return row_of(there->generation);
}

said carry(state& s, const table::checkin& c, std::size_t) {
  if (!s.claims.contains(c.claim)) return answer_with(result::no_op);
  check_in(s, c.claim);
  return answer_with(result::ok);
}

/// Every generation in the file of `key` is known to be corrupt.
void condemn_file(state& s, key_number key) {
  const auto all = s.generations;
  for (const auto& [name, bytes] : all) {
    if (name.key == key && bytes.where != tier::ram) s.generations.find(name)->corrupt = true;
  }
}

void condemn(state& s, const table::generation_of& name) {
  auto* bytes = s.generations.find(name);
  if (bytes->where == tier::ram) {
    bytes->corrupt = true;
  } else {
    condemn_file(s, name.key);
  }
}

/// The row of `name.key` ends because its memory, or the file that it has or keeps behind it, is corrupt. Memory has a
/// file behind it at best: that is looked at.
void end_corrupt_row(state& s, const table::generation_of& name) {
  const auto* there = s.rows.find(name.key);
  if (there == nullptr || there->is != status::available) return;
  const bool in_file = s.generations.find(name)->where != tier::ram;
  if (in_file ? !there->backed : there->generation != name.generation) return;
  const row was = *there;
  if (in_file) {
    s.rows.put(name.key, evicting(reason::invalid));
  } else if (was.backed) {
    s.rows.put(name.key, adopting(reason::invalid));
  } else {
    s.rows.erase(name.key);
  }
  retire(s, {name.key, was.generation});
}

said carry(state& s, const table::report_corrupt& c, std::size_t) {
  const auto* claim = s.claims.find(c.claim);
  if (claim == nullptr) return answer_with(result::no_op);
  const auto name = claim->bytes;
  if (!s.generations.find(name)->corrupt) {
    condemn(s, name);
    end_corrupt_row(s, name);
  }
  check_in(s, c.claim);
  return answer_with(result::ok);
}

// Readers ---------------------------------------------------------------------------------------------------------

said carry(state& s, const table::lookup_exact& c, std::size_t) {
  const auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::available) return answer_with(result::miss);
  return row_of(there->generation);
}

said carry(state& s, const table::lookup_or_wait& c, std::size_t) {
  if (s.dead.contains(c.task)) return disabled;
  const auto* there = s.rows.find(c.key);
  if (there == nullptr) return answer_with(result::miss);
  if (there->is == status::available) return row_of(there->generation);
  if (c.waits == patience::one_attempt) return miss(reason::deadline);
  s.queue.push_back({c.call, c.key, c.task, c.waits});
  return answer_with(result::queued);
}

said carry(state& s, const table::answer& c, std::size_t) {
  const auto* verdict = s.unheard.find(c.call);
  if (verdict == nullptr) return disabled;
  const auto [task, generation, why] = *verdict;
  s.unheard.erase(c.call);
  return why == reason::none ? row_of(generation) : miss(why);
}

said carry(state& s, const table::time_out& c, std::size_t) {
  const auto one = std::find_if(s.queue.begin(), s.queue.end(), [&](const auto& w) { return w.call == c.call; });
  if (one == s.queue.end()) return answer_with(result::too_late);
  if (one->waits != patience::until_deadline) return disabled;
  s.unheard.put(c.call, {one->task, 0, reason::deadline});
  s.queue.erase(one);
  return answer_with(result::withdrawn);
}

// Eviction and adoption -------------------------------------------------------------------------------------------

said carry(state& s, const table::evict& c, std::size_t) {
  const auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::available || table::is_pinned(s, c.key)) {
    return answer_with(result::skipped);
  }
  s.generations.erase({c.key, there->generation});
  if (there->backed) {
    s.rows.put(c.key, evicting(reason::evicted));
    return answer_with(result::evicting);
  }
  s.rows.erase(c.key);
  return answer_with(result::evicted);
}

said carry(state& s, const table::gc&, std::size_t) {
  const auto keys = s.rows;
  for (const auto& entry : keys) carry(s, table::evict{entry.first}, 0);
  return answer_with(result::done);
}

said carry(state& s, const table::validate& c, std::size_t) {
  auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::adopting || there->found != sight::not_looked) return disabled;
  const auto* file = s.files.find(c.key);
  if (file == nullptr) {
    there->found = sight::nothing;
    return answer_with(result::found_nothing);
  }
  there->found = file->valid ? sight::valid : sight::invalid;
  return answer_with(file->valid ? result::found_valid : result::found_invalid);
}

said carry(state& s, const table::settle& c, std::size_t) {
  const auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::adopting || there->found == sight::not_looked) return disabled;
  const row was = *there;
  if (was.found == sight::valid) {
    install(s, c.key, c.generation, s.files.find(c.key)->where);
    return answer_with(result::adopted);
  }
  if (was.found == sight::invalid) {
    condemn_file(s, c.key);
    row next = evicting(reason::invalid);
    next.look_again = was.look_again;
    s.rows.put(c.key, next);
    return answer_with(result::evicting);
  }
  if (was.look_again) {
    s.rows.put(c.key, adopting(was.why));
    return answer_with(result::again);
  }
  become_absent(s, c.key, was.why);
  return answer_with(result::gone);
}

said carry(state& s, const table::unlink& c, std::size_t way) {
  auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::evicting || there->unlinked) return disabled;
  if (way == 1) return s.files.contains(c.key) ? answer_with(result::failed) : disabled;
  there->unlinked = true;
  s.files.erase(c.key);
  return answer_with(result::unlinked);
}

said carry(state& s, const table::end_eviction& c, std::size_t) {
  const auto* there = s.rows.find(c.key);
  if (there == nullptr || there->is != status::evicting || !there->unlinked) return disabled;
  const row was = *there;
  if (was.look_again) {
    s.rows.put(c.key, adopting(was.why));
    return answer_with(result::again);
  }
  become_absent(s, c.key, was.why);
  return answer_with(result::gone);
}

said carry(state& s, const table::sweep&, std::size_t) {
  for (const auto& [token, one] : s.stragglers) look_again(s, one.key);
  const auto rows = s.rows;
  for (const auto& [key, one] : rows) {
    if (is_writing(one) && one.expired) recover_behind_its_writer(s, key);
  }
  return answer_with(result::done);
}

// The world -------------------------------------------------------------------------------------------------------

said carry(state& s, const table::link& c, std::size_t) {
  if (s.files.contains(c.key)) return answer_with(result::exists);
  table::file made;
  if (const auto reserved = find_reservation(s, c.writer)) made.where = reserved->there->where;
  if (const auto* late = s.stragglers.find(c.writer)) made.where = late->where;
  s.files.put(c.key, made);
  return answer_with(result::linked);
}

said carry(state& s, const table::expire& c, std::size_t) {
  const auto live = find_live(s, c.token);
  if (!live) return answer_with(result::no_op);
  live->there->expired = true;
  return answer_with(result::done);
}

said carry(state& s, const table::owner_dies& c, std::size_t) {
  s.dead.put(c.task, {});
  std::erase_if(s.queue, [&](const auto& one) { return one.task == c.task; });
  s.unheard.erase_if([&](call_number, const auto& verdict) { return verdict.task == c.task; });
  const auto claims = s.claims;
  for (const auto& [claim, one] : claims) {
    if (one.owner == c.task) check_in(s, claim);
  }
  const auto rows = s.rows;
  for (const auto& [key, one] : rows) {
    if (is_writing(one) && one.owner == c.task) s.rows.put(key, adopting(reason::owner_died));
  }
  const auto stragglers = s.stragglers;
  for (const auto& [token, one] : stragglers) {
    if (one.owner == c.task) hand_over(s, token);
  }
  return answer_with(result::done);
}

said carry(state& s, const table::rot& c, std::size_t) {
  if (!has_valid_file(s, c.key)) return disabled;
  s.files.find(c.key)->valid = false;
  return answer_with(result::done);
}

std::vector<key_number> files_that_may_vanish(const state& s) {
  std::vector<key_number> keys;
  for (const auto& [key, file] : s.files) {
    if (!file.durable) keys.push_back(key);
  }
  return keys;
}

/// Bit i of `way`: the i-th file that may vanish does.
said carry(state& s, const table::crash&, std::size_t way) {
  state left;
  left.down = true;
  left.files = s.files;
  const auto keys = files_that_may_vanish(s);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((way >> i & 1U) != 0) left.files.erase(keys[i]);
  }
  s = left;
  return answer_with(result::done);
}

said carry(state& s, const table::restart& c, std::size_t) {
  s.down = false;
  s.files.erase_if([](key_number, const table::file& one) { return !one.valid; });
  generation_number next = c.generation;
  const auto files = s.files;
  for (const auto& entry : files) install(s, entry.first, next++, entry.second.where);
  return answer_with(result::done);
}

}  // namespace

bool reservation::is_pinned(const state& s, key_number key) {
  const auto* there = s.rows.find(key);
  if (there == nullptr || there->is != status::available) return false;
  return std::any_of(s.generations.begin(), s.generations.end(), [&](const auto& entry) {
    const auto& [name, one] = entry;
    if (name.key != key || one.pins == 0) return false;
    return name.generation == there->generation || (one.where != tier::ram && !one.corrupt && there->backed);
  });
}

std::size_t reservation::ways(const state& s, const command& what) const {
  if (std::holds_alternative<crash>(what)) return std::size_t{1} << files_that_may_vanish(s).size();
  if (std::holds_alternative<unlink>(what)) return 2;
  const bool installs = std::holds_alternative<announce_saved>(what) || std::holds_alternative<insert_available>(what);
  return installs && has_quota ? 2 : 1;
}

std::optional<reservation::response> reservation::carry_out(state& s, const command& what, std::size_t way) const {
  if (s.down != std::holds_alternative<restart>(what)) return disabled;
  return std::visit([&](const auto& one) { return carry(s, one, way); }, what);
}

}  // namespace wavetank::model

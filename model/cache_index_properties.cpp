// What is claimed of every run of the cache index. Each claim is written from the rules, in terms of what can be seen
// of a state, and shares no code with the transitions that it judges.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <wavetank/model/cache_index_scope.h>
#include <wavetank/model/command_is.h>

namespace wavetank::model {
namespace {

using spec = cache_index;
using result = spec::result;
using state = spec::state;
using command = spec::command;
using response = spec::response;
using claims = cache_index_claims;
using byte_count = spec::byte_count;

// What can be seen -------------------------------------------------------------------------------------------------

/// The bytes of the row of `key`; nothing for a state that is wrong already.
spec::blob bytes_of(const state& s, key_number key) {
  const auto* row = s.rows.find(key);
  const auto* bytes = row == nullptr ? nullptr : s.blobs.find({key, row->generation});
  return bytes == nullptr ? spec::blob{tier::ram, 0} : *bytes;
}

/// Somebody claims the row of `key`, or bytes in a file that would go with it.
bool is_claimed(const state& s, key_number key) {
  const auto* row = s.rows.find(key);
  return std::any_of(s.claims.begin(), s.claims.end(), [&](const auto& entry) {
    const auto& name = entry.second;
    if (name.key != key) return false;
    if (name.generation == row->generation) return true;
    const auto* claimed = s.blobs.find(name);
    if (claimed == nullptr) return false;
    const tier where = claimed->where;
    const auto* behind = s.blobs.find({key, row->behind});
    return where != tier::ram && (where == bytes_of(s, key).where || (behind != nullptr && where == behind->where));
  });
}

bool is_in(tier where, spec::tier_set tiers) { return (tiers >> static_cast<unsigned>(where) & 1U) != 0; }

/// The unpinned rows of these tiers, the oldest first: by last use, then key.
std::vector<key_number> victims(const state& s, spec::tier_set tiers) {
  std::set<std::pair<spec::seconds, key_number>> by_age;
  for (const auto& [key, row] : s.rows) {
    if (is_in(bytes_of(s, key).where, tiers) && !is_claimed(s, key)) by_age.insert({row.last_use, key});
  }
  std::vector<key_number> keys;
  for (const auto& [last_use, key] : by_age) keys.push_back(key);
  return keys;
}

/// What is there of a tier, each file once.
byte_count counted(const state& s, tier where) {
  byte_count sum = 0;
  std::set<key_number> files;
  for (const auto& [name, one] : s.blobs) {
    if (one.where != where || (where != tier::ram && !files.insert(name.key).second)) continue;
    sum += one.size;
  }
  for (const auto& entry : s.evicting) sum += entry.second.where == where ? entry.second.size : 0;
  return sum;
}

byte_count all_bytes(const state& s) {
  return counted(s, tier::ram) + counted(s, tier::ram_file) + counted(s, tier::disk);
}

std::optional<spec::tier_set> tiers_to_evict(const command& what) {
  if (const auto* one = as<spec::evict_bytes>(what)) return one->tiers;
  if (const auto* one = as<spec::evict_oldest>(what)) return one->tiers;
  if (is<spec::gc>(what)) return spec::all_tiers;
  return std::nullopt;
}

// States -----------------------------------------------------------------------------------------------------------

bool pins_are_claims(const state& s) {
  return std::all_of(s.blobs.begin(), s.blobs.end(), [&](const auto& entry) {
    const auto live =
        std::count_if(s.claims.begin(), s.claims.end(), [&](const auto& claim) { return claim.second == entry.first; });
    return entry.second.pins == static_cast<std::uint64_t>(live);
  });
}

bool claimed_bytes_are_there(const state& s) {
  return std::all_of(s.claims.begin(), s.claims.end(),
                     [&](const auto& claim) { return s.blobs.contains(claim.second); });
}

bool order_and_rows_are_in_bijection(const state& s) {
  return s.order.size() == s.rows.size() && std::all_of(s.rows.begin(), s.rows.end(), [&](const auto& entry) {
           return s.order.contains({entry.second.last_use, entry.first});
         });
}

bool a_row_has_its_bytes(const state& s) {
  return std::all_of(s.rows.begin(), s.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    const auto* bytes = s.blobs.find({key, row.generation});
    if (bytes == nullptr || s.evicting.contains(key)) return false;
    if (row.behind == 0) return true;
    const auto* behind = s.blobs.find({key, row.behind});
    return bytes->where == tier::ram && behind != nullptr && behind->where != tier::ram;
  });
}

bool bytes_are_a_rows_or_claimed(const state& s) {
  return std::all_of(s.blobs.begin(), s.blobs.end(), [&](const auto& entry) {
    const auto& [name, one] = entry;
    const auto* row = s.rows.find(name.key);
    return one.pins != 0 || (row != nullptr && (row->generation == name.generation || row->behind == name.generation));
  });
}

bool the_counters_are_true(const state& s) {
  return std::all_of(s.in_use.begin(), s.in_use.end(), [&, at = 0U](byte_count counter) mutable {
    return counter == counted(s, static_cast<tier>(at++));
  });
}

/// The quotas are those of the bounds; a claim on them needs no other.
auto no_tier_exceeds_its_quota(const cache_index_bounds& bounds) {
  return [bounds](const state& s) {
    const bool ram = bounds.ram_quota == 0 || counted(s, tier::ram) <= bounds.ram_quota;
    return ram && (bounds.disk_quota == 0 || counted(s, tier::disk) <= bounds.disk_quota);
  };
}

// Steps ------------------------------------------------------------------------------------------------------------

bool a_use_lowers_no_rank(const state& before, const command& what, const response& said, const state& after) {
  const auto* use = as<spec::checkout>(what);
  if (use == nullptr || said.what != result::row) return true;
  const auto was = before.rows.find(use->key)->last_use;
  return after.rows.find(use->key)->last_use == (use->now < was ? was : use->now);
}

bool an_age_changes_by_use_alone(const state& before, const command& what, const response&, const state& after) {
  const auto* use = as<spec::checkout>(what);
  const auto* install = as<spec::install>(what);
  return std::all_of(after.rows.begin(), after.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    const auto* was = before.rows.find(key);
    if ((use != nullptr && use->key == key) || (install != nullptr && install->key == key)) {
      return was == nullptr || row.last_use >= was->last_use;
    }
    return was != nullptr && *was == row;
  });
}

bool a_checkout_pins_the_current_generation(const state& before, const command& what, const response& said,
                                            const state& after) {
  const auto* use = as<spec::checkout>(what);
  if (use == nullptr) return true;
  const auto* row = before.rows.find(use->key);
  if (row == nullptr) {
    return said == response{before.evicting.contains(use->key) ? result::busy : result::miss} && before == after;
  }
  const auto* claim = after.claims.find(use->claim);
  return said == response{result::row, row->generation} && claim != nullptr &&
         *claim == spec::generation_of{use->key, row->generation};
}

bool a_checkin_unpins_its_own_generation(const state& before, const command& what, const response& said,
                                         const state& after) {
  const auto* given_back = as<spec::checkin>(what);
  if (given_back == nullptr) return true;
  const auto* name = before.claims.find(given_back->claim);
  if (name == nullptr) return said == response{result::no_op} && before == after;
  return said == response{result::ok} && !after.claims.contains(given_back->claim) && before.rows == after.rows &&
         std::all_of(before.blobs.begin(), before.blobs.end(), [&](const auto& entry) {
           const auto* now = after.blobs.find(entry.first);
           if (now == nullptr) return entry.first == *name;
           return now->pins + (entry.first == *name ? 1 : 0) == entry.second.pins;
         });
}

bool claims_last(const state& before, const command& what, const response&, const state& after) {
  const auto* given_back = as<spec::checkin>(what);
  return std::all_of(before.claims.begin(), before.claims.end(), [&](const auto& entry) {
    const auto* now = after.claims.find(entry.first);
    return (now != nullptr && *now == entry.second) || (given_back != nullptr && given_back->claim == entry.first);
  });
}

bool an_install_leaves_its_row_or_says_why(const state& before, const command& what, const response& said,
                                           const state& after) {
  const auto* install = as<spec::install>(what);
  if (install == nullptr) return true;
  if (before.evicting.contains(install->key)) return said == response{result::conflict} && before == after;
  if (said.what == result::over_quota) {
    const auto* was = before.rows.find(install->key);
    const auto* now = after.rows.find(install->key);
    const bool same_row = (was == nullptr) == (now == nullptr) && (was == nullptr || *was == *now);
    return same_row && (before == after || !said.failed.empty());
  }
  const auto* row = after.rows.find(install->key);
  return said.what == result::ok && row != nullptr && row->generation == install->generation &&
         bytes_of(after, install->key).where == install->where && bytes_of(after, install->key).size == install->size;
}

/// `evicted` is the beginning of the victims, in their order; an install spares its own key.
bool the_oldest_go_first(const state& before, const command& what, const response& said, const state&) {
  std::vector<key_number> expected;
  if (const auto tiers = tiers_to_evict(what)) {
    expected = victims(before, *tiers);
  } else if (const auto* install = as<spec::install>(what)) {
    expected = victims(before, spec::only(install->where));
    std::erase(expected, install->key);
  } else {
    return said.evicted.empty();
  }
  return said.evicted.size() <= expected.size() &&
         std::equal(said.evicted.begin(), said.evicted.end(), expected.begin());
}

bool an_evicted_key_has_no_row(const state& before, const command& what, const response& said, const state& after) {
  return std::all_of(before.rows.begin(), before.rows.end(), [&](const auto& entry) {
    const key_number key = entry.first;
    const bool told = std::find(said.evicted.begin(), said.evicted.end(), key) != said.evicted.end();
    const bool failed = std::find(said.failed.begin(), said.failed.end(), key) != said.failed.end();
    if (!told) return after.rows.contains(key);
    const auto* install = as<spec::install>(what);
    return !after.rows.contains(key) && (install == nullptr || install->key != key) &&
           after.evicting.contains(key) == failed;
  });
}

bool freed_is_what_is_gone(const state& before, const command& what, const response& said, const state& after) {
  if (said.what != result::freed) return true;
  return is<spec::bytes_in_use>(what) || all_bytes(before) - all_bytes(after) == said.bytes;
}

/// What the eviction of `key` gave: its memory in any case, its file unless the unlink failed.
byte_count freed_with(const state& before, const response& said, key_number key) {
  const bool failed = std::find(said.failed.begin(), said.failed.end(), key) != said.failed.end();
  const auto row = bytes_of(before, key);
  const auto* behind = before.blobs.find({key, before.rows.find(key)->behind});
  const byte_count file = row.where != tier::ram ? row.size : behind != nullptr ? behind->size : 0;
  return (row.where == tier::ram ? row.size : 0) + (failed ? 0 : file);
}

bool an_eviction_stops_at_its_target(const state& before, const command& what, const response& said,
                                     const state& after) {
  const auto* one = as<spec::evict_bytes>(what);
  if (one == nullptr) return true;
  if (one->target == 0) return before == after && said.evicted.empty();
  if (said.bytes < one->target) return victims(after, one->tiers).empty();
  return !said.evicted.empty() && said.bytes < one->target + freed_with(before, said, said.evicted.back());
}

bool gc_leaves_claimed_rows_alone(const state& before, const command& what, const response&, const state& after) {
  if (!is<spec::gc>(what)) return true;
  return std::all_of(before.rows.begin(), before.rows.end(), [&](const auto& entry) {
    return after.rows.contains(entry.first) == is_claimed(before, entry.first);
  });
}

bool a_failed_unlink_is_kept_for_a_retry(const state& before, const command& what, const response& said,
                                         const state& after) {
  const auto* again = as<spec::retry>(what);
  return std::all_of(before.evicting.begin(), before.evicting.end(), [&](const auto& entry) {
    const bool stays = after.evicting.contains(entry.first);
    if (again == nullptr || again->key != entry.first) return stays;
    return stays == !said.failed.empty() && said.bytes == (stays ? 0 : entry.second.size);
  });
}

bool looking_changes_nothing(const state& before, const command& what, const response& said, const state& after) {
  if (const auto* asked = as<spec::bytes_in_use>(what)) {
    return said == response{result::bytes, 0, counted(before, asked->where)} && before == after;
  }
  const auto* asked = as<spec::lookup_exact>(what);
  if (asked == nullptr) return true;
  const auto* row = before.rows.find(asked->key);
  return said == (row == nullptr ? response{result::miss} : response{result::row, row->generation}) && before == after;
}

/// Over quota only where even evicting every candidate would not do, or an unlink failed.
auto a_quota_is_met_where_it_can_be(const cache_index_bounds& bounds) {
  return [bounds](const state& before, const command& what, const response& said, const state&) {
    const auto* install = as<spec::install>(what);
    if (install == nullptr || said.what != result::over_quota || !said.failed.empty()) return true;
    const byte_count quota = install->where == tier::ram ? bounds.ram_quota : bounds.disk_quota;
    byte_count left = counted(before, install->where);
    for (const key_number key : victims(before, spec::only(install->where))) {
      if (key != install->key) left -= bytes_of(before, key).size;
    }
    const auto* row = before.rows.find(install->key);
    const bool replaces = row != nullptr && bytes_of(before, install->key).where == install->where;
    if (replaces && (!is_claimed(before, install->key) || install->where != tier::ram)) {
      left -= bytes_of(before, install->key).size;
    }
    return quota != 0 && left + install->size > quota;
  };
}

// Landmarks --------------------------------------------------------------------------------------------------------

bool replaced_while_claimed(const state& s) {
  return std::any_of(s.claims.begin(), s.claims.end(), [&](const auto& claim) {
    const auto* row = s.rows.find(claim.second.key);
    return row != nullptr && row->generation != claim.second.generation;
  });
}

bool a_file_behind(const state& s) {
  return std::any_of(s.rows.begin(), s.rows.end(), [](const auto& entry) { return entry.second.behind != 0; });
}

bool everything_is_pinned(const state& s) { return !s.rows.empty() && victims(s, spec::all_tiers).empty(); }

bool over_quota_for_pins(const state& before, const command&, const response& said, const state&) {
  return said.what == result::over_quota && !before.claims.empty();
}

bool an_install_evicts(const state&, const command&, const response& said, const state&) {
  return said.what == result::ok && !said.evicted.empty();
}

bool an_unlink_fails(const state&, const command&, const response& said, const state&) { return !said.failed.empty(); }

bool an_eviction_goes_on_after_a_failure(const state&, const command& what, const response& said, const state&) {
  return is<spec::evict_bytes>(what) && !said.failed.empty() && said.bytes != 0;
}

bool a_retry_frees(const state&, const command& what, const response& said, const state&) {
  return is<spec::retry>(what) && said.bytes != 0;
}

bool a_younger_row_goes_for_an_older_that_is_pinned(const state& before, const command& what, const response& said,
                                                    const state&) {
  return is<spec::evict_oldest>(what) && !said.evicted.empty() &&
         before.order.begin()->first.key != said.evicted.front();
}

bool the_clock_goes_back(const state& before, const command& what, const response& said, const state&) {
  const auto* use = as<spec::checkout>(what);
  return use != nullptr && said.what == result::row && use->now < before.rows.find(use->key)->last_use;
}

bool equal_ages_go_by_key(const state& before, const command& what, const response& said, const state&) {
  if (!is<spec::evict_oldest>(what) || said.evicted.empty() || before.order.size() < 2) return false;
  const auto second = std::next(before.order.begin());
  return before.order.begin()->first.last_use == second->first.last_use;
}

bool a_last_checkin_frees(const state& before, const command& what, const response&, const state& after) {
  return is<spec::checkin>(what) && all_bytes(after) < all_bytes(before);
}

void add_claims(claims& all, const cache_index_bounds& bounds) {
  all.invariants = {
      {"R1: pins of a generation are the live claims on it", pins_are_claims},
      {"R2: claimed bytes are there", claimed_bytes_are_there},
      {"R3: the order and the rows are in bijection", order_and_rows_are_in_bijection},
      {"a row has its bytes", a_row_has_its_bytes},
      {"rule 5: bytes are a row's, or claimed", bytes_are_a_rows_or_claimed},
      {"rule 13: the counters are true", the_counters_are_true},
      {"rule 12: no tier exceeds its quota", no_tier_exceeds_its_quota(bounds)},
  };
  all.step_invariants = {
      {"rule 5: a checkout pins the current generation", a_checkout_pins_the_current_generation},
      {"rule 5: a checkin unpins its own generation, once", a_checkin_unpins_its_own_generation},
      {"rule 5: claims last until they are checked in", claims_last},
      {"rule 6: a use never lowers a rank", a_use_lowers_no_rank},
      {"rule 6: an age changes by use alone", an_age_changes_by_use_alone},
      {"rule 7: the oldest unpinned rows go first", the_oldest_go_first},
      {"rule 7: who is evicted has no row, and nobody else loses his", an_evicted_key_has_no_row},
      {"rule 7: freed is what is gone", freed_is_what_is_gone},
      {"rule 7: an eviction stops at its target, not before", an_eviction_stops_at_its_target},
      {"rule 7: gc takes every row but the claimed", gc_leaves_claimed_rows_alone},
      {"rule 7: a failed unlink is kept for a retry", a_failed_unlink_is_kept_for_a_retry},
      {"rule 12: an install leaves its row, or says why not", an_install_leaves_its_row_or_says_why},
      {"rule 12: a quota is met where it can be", a_quota_is_met_where_it_can_be(bounds)},
      {"looking changes nothing, and tells the truth", looking_changes_nothing},
  };
}

void add_landmarks(claims& all, const cache_index_bounds& bounds) {
  const bool claimed = bounds.claims >= 1;
  const bool two = bounds.keys >= 2;
  const bool room_for_two = bounds.disk_quota == 0 || bounds.disk_quota >= 2;
  const bool quota = bounds.disk_quota != 0 && bounds.disk_quota < bounds.keys * bounds.sizes;
  const bool has_room = (bounds.disk_quota == 0 || bounds.disk_quota >= bounds.sizes);

  all.reach_if(claimed, "a row beside an older generation that is claimed", replaced_while_claimed);
  all.reach_if(true, "a row in memory with a file behind it", a_file_behind);
  all.reach_if(claimed, "every row is pinned", everything_is_pinned);
  all.step_if(two && quota && claimed && has_room, "over quota, for what is pinned", over_quota_for_pins);
  all.step_if(two && quota && has_room, "an install evicts", an_install_evicts);
  all.step_if(true, "an unlink fails", an_unlink_fails);
  all.step_if(two, "an eviction goes on after a failure", an_eviction_goes_on_after_a_failure);
  all.step_if(true, "a retry frees", a_retry_frees);
  all.step_if(two && claimed, "a younger row goes for an older one that is pinned",
              a_younger_row_goes_for_an_older_that_is_pinned);
  all.step_if(claimed && bounds.moments >= 2, "a use while the clock has gone back", the_clock_goes_back);
  all.step_if(two && room_for_two, "rows of equal age go by their keys", equal_ages_go_by_key);
  all.step_if(claimed, "a last checkin frees the bytes of an older generation", a_last_checkin_frees);
}

}  // namespace

cache_index_claims cache_index_properties(const cache_index_bounds& bounds) {
  claims all;
  add_claims(all, bounds);
  add_landmarks(all, bounds);
  all.may_rest = [](const state&) { return true; };
  return all;
}

}  // namespace wavetank::model

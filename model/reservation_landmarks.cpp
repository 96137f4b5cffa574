// What some run of reservations must reach: a scope that never gets there says nothing about it.
#include <algorithm>

#include <wavetank/model/reservation_scope.h>
#include <wavetank/model/reservation_seen.h>

namespace wavetank::model {
namespace {

using namespace reservation_seen;

// Recovery ---------------------------------------------------------------------------------------------------------

/// An adoption of what somebody left for the reason `why`.
template <reason Why>
bool adopted_after(const state& before, const command& what, const response& said, const state&) {
  const auto* settled = as<table::settle>(what);
  return settled != nullptr && said.what == result::adopted && row_of(before, settled->key)->why == Why;
}

bool nothing_was_left(const state&, const command& what, const response& said, const state&) {
  return is<table::settle>(what) && said.what == result::gone;
}

bool an_invalid_file_was_left(const state&, const command& what, const response& said, const state&) {
  return is<table::settle>(what) && said.what == result::evicting;
}

bool death_between_link_and_mark(const state& before, const command& what, const response&, const state&) {
  return std::any_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    return row.is == status::pre_link && kills(what, row.owner) && has_valid_file(before, key);
  });
}

bool reserve_recovers_a_stale_one(const state&, const command&, const response& said, const state&) {
  return said.what == result::recovering;
}

// Stragglers -------------------------------------------------------------------------------------------------------

bool a_straggler_links(const state& before, const command& what, const response& said, const state&) {
  const auto* linking = as<table::link>(what);
  return linking != nullptr && said.what == result::linked && before.table.stragglers.contains(linking->writer);
}

bool a_straggler_links_to_an_absent_key(const state& before, const command& what, const response& said, const state&) {
  const auto* linking = as<table::link>(what);
  return linking != nullptr && said.what == result::linked && row_of(before, linking->key) == nullptr;
}

bool a_straggler_links_under_another_reservation(const state& before, const command& what, const response& said,
                                                 const state&) {
  const auto* linking = as<table::link>(what);
  const auto* row = linking == nullptr ? nullptr : row_of(before, linking->key);
  return row != nullptr && said.what == result::linked && is_writing(*row) && row->token != linking->writer;
}

bool a_straggler_links_after_the_unlink(const state& before, const command& what, const response& said, const state&) {
  const auto* linking = as<table::link>(what);
  const auto* row = linking == nullptr ? nullptr : row_of(before, linking->key);
  return row != nullptr && said.what == result::linked && row->unlinked;
}

bool a_writer_meets_a_file(const state& before, const command& what, const response& said, const state&) {
  const auto* linking = as<table::link>(what);
  return linking != nullptr && said.what == result::exists && is_live(before, linking->writer);
}

bool a_straggler_has_the_key_looked_at_again(const state&, const command&, const response& said, const state&) {
  return said.what == result::again;
}

bool an_absent_key_is_recovered(const state& before, const command& what, const response& said, const state& after) {
  return said.what == result::expired && is<table::mark_published>(what) &&
         before.table.rows.size() < after.table.rows.size();
}

// Waiters ----------------------------------------------------------------------------------------------------------

template <reason Why>
bool a_waiter_hears(const state& before, const command&, const response&, const state& after) {
  return std::any_of(after.table.unheard.begin(), after.table.unheard.end(),
                     [&](const auto& entry) { return entry.second.why == Why && waits(before, entry.first); });
}

bool two_wait_for_a_key(const state& s) {
  return s.table.queue.size() >= 2 && s.table.queue[0].key == s.table.queue[1].key;
}

bool a_time_out_too_late(const state& before, const command& what, const response& said, const state&) {
  const auto* deadline = as<table::time_out>(what);
  return deadline != nullptr && said.what == result::too_late && before.table.unheard.contains(deadline->call);
}

// Claims -----------------------------------------------------------------------------------------------------------

/// A row beside an older generation that is still claimed.
bool replaced_while_claimed(const state& s) {
  return std::any_of(s.table.generations.begin(), s.table.generations.end(), [&](const auto& entry) {
    return entry.second.pins != 0 && is_in(s, entry.first.key, status::available) &&
           !is_installed(s, entry.first.key, entry.first.generation);
  });
}

bool an_old_generation_is_checked_in(const state& before, const command& what, const response&, const state&) {
  const auto* given_back = as<table::checkin>(what);
  const auto* claim = given_back == nullptr ? nullptr : before.table.claims.find(given_back->claim);
  return claim != nullptr && is_in(before, claim->bytes.key, status::available) &&
         !is_installed(before, claim->bytes.key, claim->bytes.generation);
}

bool pinned_twice(const state& s) {
  return std::any_of(s.table.generations.begin(), s.table.generations.end(),
                     [](const auto& entry) { return entry.second.pins == 2; });
}

bool a_death_checks_in(const state& before, const command& what, const response&, const state&) {
  return std::any_of(before.table.claims.begin(), before.table.claims.end(),
                     [&](const auto& claim) { return kills(what, claim.second.owner); });
}

bool a_pinned_row_is_skipped(const state& before, const command& what, const response& said, const state&) {
  const auto* one = as<table::evict>(what);
  return one != nullptr && said.what == result::skipped && is_in(before, one->key, status::available);
}

/// Its own generation is free, but an older one is claimed in the same file.
bool a_row_is_skipped_for_its_file(const state& before, const command& what, const response& said, const state& after) {
  const auto* one = as<table::evict>(what);
  return a_pinned_row_is_skipped(before, what, said, after) &&
         pins(before, {one->key, row_of(before, one->key)->generation}) == 0;
}

bool busy(const state&, const command&, const response& said, const state&) { return said.what == result::busy; }

bool a_corrupt_row_is_evicted(const state& before, const command& what, const response&, const state& after) {
  return is<table::report_corrupt>(what) && before.table.rows != after.table.rows;
}

bool saved_again_after_rot(const state& s) {
  return std::any_of(s.table.generations.begin(), s.table.generations.end(), [&](const auto& entry) {
    return entry.second.corrupt && s.acknowledged.contains(entry.first.key);
  });
}

bool memory_with_a_file_behind(const state& s) {
  return std::any_of(s.table.rows.begin(), s.table.rows.end(), [](const auto& entry) {
    return entry.second.is == status::available && entry.second.where == tier::ram && entry.second.backed;
  });
}

// Quota, unlinks, crashes ------------------------------------------------------------------------------------------

bool over_quota(const state&, const command& what, const response& said, const state&) {
  return is<table::announce_saved>(what) && said.what == result::over_quota;
}

bool an_unlink_fails(const state&, const command&, const response& said, const state&) {
  return said.what == result::failed;
}

bool an_acknowledged_save_survives(const state& before, const command& what, const response&, const state& after) {
  return is<table::restart>(what) && !before.acknowledged.empty() && !after.table.rows.empty();
}

bool a_crash_takes_an_unsynced_file(const state& before, const command& what, const response&, const state& after) {
  return is<table::crash>(what) && after.table.files.size() < before.table.files.size();
}

bool an_unacknowledged_file_survives(const state& before, const command& what, const response&, const state& after) {
  return is<table::restart>(what) && before.acknowledged.empty() && !after.table.rows.empty();
}

template <status Where>
bool a_crash_while(const state& before, const command& what, const response&, const state&) {
  return is<table::crash>(what) && std::any_of(before.table.rows.begin(), before.table.rows.end(),
                                               [](const auto& entry) { return entry.second.is == Where; });
}

bool two_keys_written_at_once(const state& s) {
  return std::count_if(s.table.rows.begin(), s.table.rows.end(),
                       [](const auto& entry) { return is_writing(entry.second); }) >= 2;
}

bool one_death_ends_two_reservations(const state& before, const command& what, const response&, const state&) {
  return std::count_if(before.table.rows.begin(), before.table.rows.end(),
                       [&](const auto& entry) { return kills(what, entry.second.owner); }) >= 2;
}

}  // namespace

void add_reservation_landmarks(reservation_claims& all, const reservation_bounds& bounds) {
  const bool deaths = bounds.deaths >= 1;
  const bool claims = bounds.claims >= 1;
  const bool calls = bounds.calls >= 1 && bounds.tasks >= 2;
  const bool two_writers = bounds.tokens >= 2;

  all.reach_if(claims && bounds.inserts, "a row beside an older generation that is claimed", replaced_while_claimed);
  all.reach_if(bounds.claims >= 2, "a generation pinned twice", pinned_twice);
  all.reach_if(bounds.inserts, "a row in memory with a file behind it", memory_with_a_file_behind);
  all.reach_if(bounds.claims >= 2 && bounds.rots, "saved anew beside a claim on the corrupt bytes",
               saved_again_after_rot);
  all.reach_if(bounds.calls >= 2 && bounds.tasks >= 3, "two wait for a key", two_wait_for_a_key);
  all.reach_if(bounds.keys >= 2, "two keys are written at once", two_keys_written_at_once);

  all.step_if(deaths, "adopted after the death of its writer", adopted_after<reason::owner_died>);
  all.step_if(true, "adopted after its reservation expired", adopted_after<reason::expired>);
  all.step_if(true, "recovered, and nothing was there", nothing_was_left);
  all.step_if(bounds.rots, "recovered, and an invalid file was there", an_invalid_file_was_left);
  all.step_if(deaths, "a death between link and mark", death_between_link_and_mark);
  all.step_if(two_writers, "a reserve_save recovers a stale reservation", reserve_recovers_a_stale_one);
  all.step_if(deaths && bounds.keys >= 2, "one death ends two reservations", one_death_ends_two_reservations);

  all.step_if(true, "a straggler links", a_straggler_links);
  all.step_if(true, "a straggler links to an absent key", a_straggler_links_to_an_absent_key);
  all.step_if(two_writers, "a straggler links under another's reservation",
              a_straggler_links_under_another_reservation);
  all.step_if(two_writers, "a straggler links after the unlink", a_straggler_links_after_the_unlink);
  all.step_if(two_writers, "a writer meets a straggler's file", a_writer_meets_a_file);
  all.step_if(true, "a straggler has the key looked at again", a_straggler_has_the_key_looked_at_again);
  all.step_if(true, "a straggler's mark has an absent key recovered", an_absent_key_is_recovered);

  all.step_if(calls, "a waiter hears of the row", a_waiter_hears<reason::none>);
  all.step_if(calls, "a waiter hears: cancelled", a_waiter_hears<reason::cancelled>);
  all.step_if(calls && deaths, "a waiter hears: owner died", a_waiter_hears<reason::owner_died>);
  all.step_if(calls, "a waiter hears: expired", a_waiter_hears<reason::expired>);
  all.step_if(calls && bounds.rots, "a waiter hears: invalid", a_waiter_hears<reason::invalid>);
  all.step_if(calls && bounds.quota, "a waiter hears: over quota", a_waiter_hears<reason::over_quota>);
  all.step_if(calls && bounds.evictions, "a waiter hears: evicted", a_waiter_hears<reason::evicted>);
  all.step_if(calls, "a waiter hears: deadline", a_waiter_hears<reason::deadline>);
  all.step_if(calls, "a time-out too late: the answer is kept", a_time_out_too_late);

  all.step_if(claims && bounds.inserts, "an old generation is checked in beside the new",
              an_old_generation_is_checked_in);
  all.step_if(claims && deaths, "a death checks in", a_death_checks_in);
  all.step_if(claims && bounds.evictions, "a pinned row is skipped", a_pinned_row_is_skipped);
  all.step_if(claims && bounds.evictions && bounds.inserts, "a row is skipped for an older claim on its file",
              a_row_is_skipped_for_its_file);
  all.step_if(claims, "a checkout of a busy key", busy);
  all.step_if(claims && bounds.rots, "a corrupt row is evicted", a_corrupt_row_is_evicted);

  all.step_if(bounds.quota, "an announce over quota", over_quota);
  all.step_if(true, "an unlink fails", an_unlink_fails);
  all.step_if(bounds.crashes, "an acknowledged save survives a crash", an_acknowledged_save_survives);
  all.step_if(bounds.crashes, "a crash takes a file whose name was not synced", a_crash_takes_an_unsynced_file);
  all.step_if(bounds.crashes, "a file that nobody acknowledged survives", an_unacknowledged_file_survives);
  all.step_if(bounds.crashes, "a crash while adopting", a_crash_while<status::adopting>);
  all.step_if(bounds.crashes, "a crash while evicting", a_crash_while<status::evicting>);
}

}  // namespace wavetank::model

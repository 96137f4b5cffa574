// What is claimed of every run of reservations: the table cell by cell, the invariants R1 to R10 as far as they are
// about states, and what must be possible. Each claim is written from the rules and shares no code with the
// transitions.
#include <algorithm>

#include <wavetank/model/reservation_scope.h>
#include <wavetank/model/reservation_seen.h>

namespace wavetank::model {
namespace {

using namespace reservation_seen;

// R1, R2: claims ---------------------------------------------------------------------------------------------------

bool pins_are_claims(const state& s) {
  return std::all_of(s.table.generations.begin(), s.table.generations.end(), [&](const auto& entry) {
    const auto claims = std::count_if(s.table.claims.begin(), s.table.claims.end(),
                                      [&](const auto& claim) { return claim.second.bytes == entry.first; });
    return entry.second.pins == static_cast<std::uint64_t>(claims);
  });
}

bool a_claim_has_its_generation(const state& s) {
  return std::all_of(s.table.claims.begin(), s.table.claims.end(),
                     [&](const auto& claim) { return s.table.generations.contains(claim.second.bytes); });
}

bool generations_are_current_or_claimed(const state& s) {
  return std::all_of(s.table.generations.begin(), s.table.generations.end(), [&](const auto& entry) {
    const auto* row = row_of(s, entry.first.key);
    return entry.second.pins != 0 || (row != nullptr && row->generation == entry.first.generation);
  });
}

bool a_claimed_file_is_there(const state& s) {
  return std::all_of(s.table.claims.begin(), s.table.claims.end(), [&](const auto& claim) {
    return !is_in_sound_file(s, claim.second.bytes) || file_of(s, claim.second.bytes.key) != nullptr;
  });
}

bool a_claimed_file_is_not_unlinked(const state& before, const command& what, const response&, const state& after) {
  if (is<table::crash>(what) || is<table::rot>(what)) return true;
  return std::all_of(before.table.claims.begin(), before.table.claims.end(), [&](const auto& claim) {
    const key_number key = claim.second.bytes.key;
    if (!is_in_sound_file(before, claim.second.bytes) || !has_valid_file(before, key)) return true;
    return has_valid_file(after, key);
  });
}

bool a_checkout_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::checkout>(what);
  if (asked == nullptr) return true;
  const auto* row = row_of(before, asked->key);
  if (row == nullptr) return said == response{result::miss} && before.table == after.table;
  if (row->is != status::available) return said == response{result::busy} && before.table == after.table;
  const auto* claim = after.table.claims.find(asked->claim);
  return said == response{result::row, row->generation} && claim != nullptr && claim->owner == asked->owner &&
         claim->bytes == table::generation_of{asked->key, row->generation};
}

bool a_checkin_unpins_its_own_generation(const state& before, const command& what, const response& said,
                                         const state& after) {
  const auto* given_back = as<table::checkin>(what);
  if (given_back == nullptr) return true;
  const auto* claim = before.table.claims.find(given_back->claim);
  if (claim == nullptr) return said == response{result::no_op} && before.table == after.table;
  return said == response{result::ok} && !after.table.claims.contains(given_back->claim) &&
         before.table.rows == after.table.rows && pins(after, claim->bytes) + 1 == pins(before, claim->bytes) &&
         std::all_of(before.table.generations.begin(), before.table.generations.end(), [&](const auto& entry) {
           return entry.first == claim->bytes || pins(after, entry.first) == entry.second.pins;
         });
}

bool a_claim_ends_for_a_reason(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(before.table.claims.begin(), before.table.claims.end(), [&](const auto& entry) {
    const auto& [claim, one] = entry;
    if (after.table.claims.contains(claim)) return true;
    const auto* given_back = as<table::checkin>(what);
    const auto* found_bad = as<table::report_corrupt>(what);
    return kills(what, one.owner) || is<table::crash>(what) || (given_back != nullptr && given_back->claim == claim) ||
           (found_bad != nullptr && found_bad->claim == claim);
  });
}

// R4, rules 1 to 3: reservations -----------------------------------------------------------------------------------

bool a_writing_row_has_one_reservation(const state& s) {
  return std::all_of(s.table.rows.begin(), s.table.rows.end(), [&](const auto& entry) {
    const auto& row = entry.second;
    if (!is_writing(row)) return row.token == 0 && row.owner == 0 && !row.expired;
    const auto same = std::count_if(s.table.rows.begin(), s.table.rows.end(),
                                    [&](const auto& other) { return other.second.token == row.token; });
    return row.token != 0 && same == 1 && !s.table.stragglers.contains(row.token);
  });
}

bool a_reservation_has_its_writer(const state& s) {
  return std::all_of(s.table.rows.begin(), s.table.rows.end(), [&](const auto& entry) {
    return !is_writing(entry.second) || s.writers.contains(entry.second.token);
  });
}

bool a_straggler_has_not_been_told(const state& s) {
  return std::all_of(s.table.stragglers.begin(), s.table.stragglers.end(),
                     [&](const auto& entry) { return s.writers.contains(entry.first); });
}

bool the_dead_hold_nothing(const state& s) {
  const auto& dead = s.table.dead;
  const auto owned = [&](const auto& entry) { return dead.contains(entry.second.owner); };
  return std::none_of(s.table.rows.begin(), s.table.rows.end(), owned) &&
         std::none_of(s.table.claims.begin(), s.table.claims.end(), owned) &&
         std::none_of(s.table.stragglers.begin(), s.table.stragglers.end(), owned);
}

bool a_reserve_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::reserve_save>(what);
  if (asked == nullptr) return true;
  if (asked->where == tier::ram) return said == response{result::unsupported_tier} && before.table == after.table;
  const auto* row = row_of(before, asked->key);
  if (row == nullptr) return said == response{result::reserved} && is_live(after, asked->token, asked->key);
  if (is_writing(*row) && row->expired) {
    return said == response{result::recovering} && is_in(after, asked->key, status::adopting);
  }
  const bool readable = row->is == status::available;
  return said == response{readable ? result::already_present : result::conflict} && before.table == after.table;
}

bool a_check_tells_the_truth(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::check_reservation>(what);
  if (asked == nullptr) return true;
  return said == response{is_live(before, asked->token) ? result::ok : result::expired} && before == after;
}

bool a_mark_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::mark_published>(what);
  if (asked == nullptr) return true;
  if (!is_live(before, asked->token)) return said == response{result::expired};
  return said == response{result::ok} && is_in(after, *key_of_token(before, asked->token), status::post_link);
}

bool an_announce_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::announce_saved>(what);
  if (asked == nullptr) return true;
  if (!is_live(before, asked->token)) return said == response{result::expired};
  const key_number key = *key_of_token(before, asked->token);
  if (is_in(before, key, status::pre_link)) {
    return said == response{result::not_linked} && before.table == after.table;
  }
  if (said.what == result::over_quota) return is_in(after, key, status::evicting);
  return said == response{result::ok} && is_installed(after, key, asked->generation) && file_of(after, key)->durable;
}

bool an_insert_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::insert_available>(what);
  if (asked == nullptr) return true;
  const auto* row = row_of(before, asked->key);
  if (row != nullptr && row->is != status::available) {
    return said == response{result::conflict} && before.table == after.table;
  }
  if (said.what == result::over_quota) {
    return row != nullptr ? before.table == after.table : !is_in(after, asked->key, status::available);
  }
  return said == response{result::ok} && is_installed(after, asked->key, asked->generation) &&
         row_of(after, asked->key)->where == asked->where;
}

bool a_cancel_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::cancel_reservation>(what);
  if (asked == nullptr) return true;
  if (!is_live(before, asked->token)) return said == response{result::no_op};
  return said == response{result::ok} && is_in(after, *key_of_token(before, asked->token), status::evicting);
}

bool an_abandon_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::abandon_reservation>(what);
  if (asked == nullptr) return true;
  if (!is_live(before, asked->token)) return said == response{result::no_op};
  return said == response{result::ok} && is_in(after, *key_of_token(before, asked->token), status::adopting) &&
         before.table.files == after.table.files;
}

bool a_file_is_adopted_in_its_tier(const state& before, const command& what, const response& said, const state& after) {
  const auto* settled = as<table::settle>(what);
  if (settled == nullptr || said.what != result::adopted) return true;
  const auto* file = file_of(before, settled->key);
  return file != nullptr && row_of(after, settled->key)->where == file->where;
}

bool a_file_is_linked_in_the_tier_reserved(const state& before, const command& what, const response& said,
                                           const state& after) {
  const auto* linking = as<table::link>(what);
  const auto* row = linking == nullptr ? nullptr : row_of(before, linking->key);
  if (row == nullptr || said.what != result::linked || row->token != linking->writer) return true;
  const auto* file = file_of(after, linking->key);
  return file != nullptr && file->where == row->where;
}

/// But that the key of an ended reservation is looked at again.
bool an_old_token_changes_nothing(const state& before, const command& what, const response& said, const state& after) {
  const token_number token = token_of(what);
  if (token == 0 || is_live(before, token)) return true;
  if (said.what != result::expired && said.what != result::no_op) return false;
  return before.table.claims == after.table.claims && before.table.generations == after.table.generations &&
         before.table.files == after.table.files && before.table.queue == after.table.queue &&
         std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
           const auto& [key, row] = entry;
           const auto* now = row_of(after, key);
           if (now == nullptr) return false;
           if (is_writing(row)) return *now == row || row.token == token;
           return now->is == row.is && now->generation == row.generation;
         });
}

bool a_reservation_ends_for_a_reason(const state& before, const command& what, const response& said,
                                     const state& after) {
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (!is_writing(row)) return true;
    const auto* now = row_of(after, key);
    if (now != nullptr && now->token == row.token) return true;
    if (row.expired && (is<table::sweep>(what) || said.what == result::recovering)) return true;
    return kills(what, row.owner) || is<table::crash>(what) || token_of(what) == row.token;
  });
}

/// Whoever ended it: what may have been linked is looked at before the key is anybody's again.
bool an_ended_reservation_leaves_no_gap(const state& before, const command& what, const response&, const state& after) {
  if (is<table::crash>(what)) return true;
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    const auto* now = row_of(after, key);
    return !is_writing(row) || now != nullptr;
  });
}

bool expiry_comes_of_time(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(after.table.rows.begin(), after.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    const auto* earlier = row_of(before, key);
    const bool was_expired = earlier != nullptr && earlier->token == row.token && earlier->expired;
    const auto* time = as<table::expire>(what);
    return row.expired == (was_expired || (time != nullptr && row.token == time->token));
  });
}

// R7, rule 4: waiters ----------------------------------------------------------------------------------------------

bool each_call_is_in_one_place(const state& s) {
  return std::all_of(s.table.queue.begin(), s.table.queue.end(), [&](const auto& one) {
    const auto same = std::count_if(s.table.queue.begin(), s.table.queue.end(),
                                    [&](const auto& other) { return other.call == one.call; });
    return same == 1 && !s.table.unheard.contains(one.call);
  });
}

bool nobody_waits_for_a_key_at_rest(const state& s) {
  return std::none_of(s.table.queue.begin(), s.table.queue.end(), [&](const auto& one) {
    const auto* row = row_of(s, one.key);
    return row == nullptr || row->is == status::available;
  });
}

bool the_dead_wait_for_nothing(const state& s) {
  const auto is_dead = [&](task_number task) { return s.table.dead.contains(task); };
  return std::none_of(s.table.queue.begin(), s.table.queue.end(), [&](const auto& one) { return is_dead(one.task); }) &&
         std::none_of(s.table.unheard.begin(), s.table.unheard.end(),
                      [&](const auto& one) { return is_dead(one.second.task); });
}

bool a_lookup_tells_what_is_there(const state& before, const command& what, const response& said, const state& after) {
  const auto* asked = as<table::lookup_exact>(what);
  if (asked == nullptr) return true;
  const bool readable = is_in(before, asked->key, status::available);
  return said == (readable ? response{result::row, row_of(before, asked->key)->generation} : response{result::miss}) &&
         before == after;
}

bool a_waiting_lookup_follows_the_table(const state& before, const command& what, const response& said,
                                        const state& after) {
  const auto* asked = as<table::lookup_or_wait>(what);
  if (asked == nullptr) return true;
  const auto* row = row_of(before, asked->key);
  if (row == nullptr) return said == response{result::miss} && before == after;
  if (row->is == status::available) return said == response{result::row, row->generation} && before == after;
  if (asked->waits == patience::one_attempt) {
    return said == response{result::miss, 0, reason::deadline} && before == after;
  }
  return said == response{result::queued} && waits(after, asked->call) && after.table.queue.back().call == asked->call;
}

bool a_waiting_call_is_not_forgotten(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(before.table.queue.begin(), before.table.queue.end(), [&](const auto& one) {
    return waits(after, one.call) || after.table.unheard.contains(one.call) || kills(what, one.task) ||
           is<table::crash>(what);
  });
}

bool the_queue_keeps_its_order(const state& before, const command&, const response&, const state& after) {
  auto from = before.table.queue.begin();
  for (const auto& one : after.table.queue) {
    if (!waits(before, one.call)) return &one == &after.table.queue.back();
    from = std::find(from, before.table.queue.end(), one);
    if (from == before.table.queue.end()) return false;
    ++from;
  }
  return true;
}

bool an_outcome_is_final(const state& before, const command& what, const response& said, const state& after) {
  return std::all_of(before.table.unheard.begin(), before.table.unheard.end(), [&](const auto& entry) {
    const auto& [call, verdict] = entry;
    const auto* now = after.table.unheard.find(call);
    const auto* one = as<table::answer>(what);
    const bool is_told = one != nullptr && one->call == call;
    if (now != nullptr) return *now == verdict && !is_told;
    if (kills(what, verdict.task) || is<table::crash>(what)) return true;
    return is_told && said == (verdict.why == reason::none ? response{result::row, verdict.generation}
                                                           : response{result::miss, 0, verdict.why});
  });
}

/// With the row, never before it is there; or with the reason why there is none.
bool outcomes_have_their_cause(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(after.table.unheard.begin(), after.table.unheard.end(), [&](const auto& entry) {
    const auto& [call, verdict] = entry;
    if (before.table.unheard.contains(call)) return true;
    const auto* deadline = as<table::time_out>(what);
    if (verdict.why == reason::deadline) return deadline != nullptr && deadline->call == call;
    const auto one = std::find_if(before.table.queue.begin(), before.table.queue.end(),
                                  [&, number = call](const auto& waiter) { return waiter.call == number; });
    if (one == before.table.queue.end()) return false;
    if (verdict.why == reason::none) return is_installed(after, one->key, verdict.generation);
    return row_of(after, one->key) == nullptr && row_of(before, one->key) != nullptr &&
           row_of(before, one->key)->why == verdict.why;
  });
}

bool a_time_out_needs_a_deadline(const state& before, const command& what, const response& said, const state& after) {
  const auto* deadline = as<table::time_out>(what);
  if (deadline == nullptr) return true;
  if (!waits(before, deadline->call)) return said == response{result::too_late} && before == after;
  return said == response{result::withdrawn} && !waits(after, deadline->call);
}

// R5, R6, rule 11: files -------------------------------------------------------------------------------------------

bool a_file_row_has_its_file(const state& s) {
  return std::all_of(s.table.rows.begin(), s.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::available || row.where == tier::ram) return true;
    const auto* file = file_of(s, key);
    return row.backed && file != nullptr && file->durable;
  });
}

bool an_installed_file_was_valid(const state& before, const command& what, const response&, const state& after) {
  if (is<table::restart>(what)) {
    return std::all_of(after.table.files.begin(), after.table.files.end(),
                       [](const auto& entry) { return entry.second.valid; });
  }
  return std::all_of(after.table.rows.begin(), after.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::available || row.where == tier::ram || is_installed(before, key, row.generation)) return true;
    const auto* earlier = row_of(before, key);
    const bool was_validated = earlier != nullptr && earlier->found == table::sight::valid;
    return is<table::settle>(what) ? was_validated : has_valid_file(before, key);
  });
}

/// Indexed, reserved, being looked at or removed, or known to the next sweep.
bool every_file_is_accounted_for(const state& s) {
  if (s.table.down) return true;
  return std::all_of(s.table.files.begin(), s.table.files.end(), [&](const auto& entry) {
    const key_number key = entry.first;
    const auto* row = row_of(s, key);
    if (row != nullptr && (row->is != status::available || row->backed)) return true;
    return std::any_of(s.table.stragglers.begin(), s.table.stragglers.end(),
                       [&](const auto& one) { return one.second.key == key; });
  });
}

bool a_sweep_leaves_no_file_behind(const state&, const command& what, const response&, const state& after) {
  if (!is<table::sweep>(what)) return true;
  return std::all_of(after.table.files.begin(), after.table.files.end(), [&](const auto& entry) {
    const auto* row = row_of(after, entry.first);
    return row != nullptr && (row->is != status::available || row->backed) && !row->expired;
  });
}

bool a_file_goes_only_while_evicting(const state& before, const command& what, const response&, const state& after) {
  if (is<table::crash>(what) || is<table::restart>(what)) return true;
  return std::all_of(before.table.files.begin(), before.table.files.end(), [&](const auto& entry) {
    return file_of(after, entry.first) != nullptr ||
           (is<table::unlink>(what) && is_in(before, entry.first, status::evicting));
  });
}

bool evicting_holds_until_the_unlink(const state& before, const command& what, const response&, const state& after) {
  if (is<table::crash>(what)) return true;
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    return row.is != status::evicting || row.unlinked || is_in(after, key, status::evicting);
  });
}

bool a_failed_unlink_is_tried_again(const state& before, const command& what, const response& said,
                                    const state& after) {
  if (!is<table::unlink>(what)) return true;
  return said.what == result::failed ? before == after : said.what == result::unlinked;
}

bool adopting_holds_until_it_is_settled(const state& before, const command& what, const response&, const state& after) {
  if (is<table::crash>(what)) return true;
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::adopting || is_in(after, key, status::adopting)) return true;
    if (!is<table::settle>(what)) return false;
    switch (row.found) {
      case table::sight::valid:
        return is_in(after, key, status::available);
      case table::sight::invalid:
        return is_in(after, key, status::evicting);
      case table::sight::nothing:
        return row_of(after, key) == nullptr && !row.look_again;
      case table::sight::not_looked:
        return false;
    }
    return false;
  });
}

// Rules 5 and 7: rows ----------------------------------------------------------------------------------------------

bool a_row_has_its_generation(const state& s) {
  return std::all_of(s.table.rows.begin(), s.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::available) return row.generation == 0;
    const auto* bytes = s.table.generations.find({key, row.generation});
    return bytes != nullptr && bytes->where == row.where && !bytes->corrupt;
  });
}

bool an_eviction_skips_what_is_pinned(const state& before, const command& what, const response& said,
                                      const state& after) {
  const auto* one = as<table::evict>(what);
  if (one == nullptr) return true;
  const auto* row = row_of(before, one->key);
  const bool may_go = row != nullptr && row->is == status::available && !is_claimed(before, one->key);
  if (!may_go) return said == response{result::skipped} && before == after;
  return said == response{row->backed ? result::evicting : result::evicted} &&
         !is_in(after, one->key, status::available);
}

bool gc_takes_every_unpinned_row(const state& before, const command& what, const response&, const state& after) {
  if (!is<table::gc>(what)) return true;
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::available || is_claimed(before, key))
      return row_of(after, key) != nullptr && *row_of(after, key) == row;
    return !is_in(after, key, status::available);
  });
}

bool a_row_goes_for_a_reason(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(before.table.rows.begin(), before.table.rows.end(), [&](const auto& entry) {
    const auto& [key, row] = entry;
    if (row.is != status::available || is_installed(after, key, row.generation)) return true;
    if (const auto* inserted = as<table::insert_available>(what)) {
      return inserted->key == key && is_installed(after, key, inserted->generation);
    }
    return is<table::evict>(what) || is<table::gc>(what) || is<table::report_corrupt>(what) || is<table::crash>(what);
  });
}

// R8, R10: what lasts ----------------------------------------------------------------------------------------------

bool what_was_acknowledged_is_there(const state& s) {
  return std::all_of(s.acknowledged.begin(), s.acknowledged.end(), [&](const auto& entry) {
    const auto* file = file_of(s, entry.first);
    if (file == nullptr || !file->valid || !file->durable) return false;
    const auto* row = row_of(s, entry.first);
    return s.table.down || (row != nullptr && (row->is == status::adopting || row->backed));
  });
}

bool a_restart_indexes_what_is_valid(const state& before, const command& what, const response&, const state& after) {
  if (!is<table::restart>(what)) return true;
  return std::all_of(
             before.table.files.begin(), before.table.files.end(),
             [&](const auto& entry) { return is_in(after, entry.first, status::available) == entry.second.valid; }) &&
         after.table.rows.size() == after.table.files.size();
}

bool memory_goes_with_a_crash(const state& s) {
  if (!s.table.down) return true;
  reservation::state left;
  left.down = true;
  left.files = s.table.files;
  return s.table == left && s.writers.empty();
}

/// A corrupt file does not stay in the way: whoever has found it out has ended its row.
bool a_corrupt_row_is_not_read_again(const state& before, const command& what, const response& said,
                                     const state& after) {
  const auto* found = as<table::report_corrupt>(what);
  if (found == nullptr) return true;
  const auto* claim = before.table.claims.find(found->claim);
  if (claim == nullptr) return said == response{result::no_op} && before == after;
  return !is_installed(after, claim->bytes.key, claim->bytes.generation);
}

void add_invariants(reservation_claims& all) {
  all.invariants = {
      {"R1: pins of a generation are the live claims on it", pins_are_claims},
      {"R1: a claim has its generation", a_claim_has_its_generation},
      {"R1: a generation is a row's, or claimed", generations_are_current_or_claimed},
      {"R2: a claimed file is there", a_claimed_file_is_there},
      {"R4: a writing row has exactly one reservation, other rows none", a_writing_row_has_one_reservation},
      {"R4: a reservation's writer has not been told that it is over", a_reservation_has_its_writer},
      {"R4: a straggler has not been told", a_straggler_has_not_been_told},
      {"R5: a row in a file has a durable file", a_file_row_has_its_file},
      {"R6: every file is indexed, reserved, looked at, or known to the next sweep", every_file_is_accounted_for},
      {"R7: each call waits, is decided, or is over: one of them", each_call_is_in_one_place},
      {"R7: nobody waits for a key at rest", nobody_waits_for_a_key_at_rest},
      {"R8: what was acknowledged is there, valid and durable", what_was_acknowledged_is_there},
      {"R8: memory goes with a crash", memory_goes_with_a_crash},
      {"R12: the dead hold nothing", the_dead_hold_nothing},
      {"R12: the dead wait for nothing", the_dead_wait_for_nothing},
      {"a row has its generation, and it is not corrupt", a_row_has_its_generation},
  };
  all.step_invariants = {
      {"R2: a claimed file that is valid is not unlinked", a_claimed_file_is_not_unlinked},
      {"R4: an ended reservation leaves no gap", an_ended_reservation_leaves_no_gap},
      {"R5: what is installed from a file was valid", an_installed_file_was_valid},
      {"R6: a sweep leaves no file behind", a_sweep_leaves_no_file_behind},
      {"R7: a waiting call is not forgotten", a_waiting_call_is_not_forgotten},
      {"R7: an outcome is final, and told once", an_outcome_is_final},
      {"R8: a restart indexes what is valid and nothing else", a_restart_indexes_what_is_valid},
      {"rule 1: a check tells the truth", a_check_tells_the_truth},
      {"rule 1: a reservation expires by time alone", expiry_comes_of_time},
      {"rule 1: a reservation ends for a reason", a_reservation_ends_for_a_reason},
      {"rule 2: reserve_save follows the table", a_reserve_follows_the_table},
      {"rule 3: an old token changes nothing", an_old_token_changes_nothing},
      {"rule 4: a waiting lookup follows the table", a_waiting_lookup_follows_the_table},
      {"rule 4: the queue keeps its order", the_queue_keeps_its_order},
      {"rule 4: the row, never before it is there; or why there is none", outcomes_have_their_cause},
      {"rule 4: a time-out withdraws who waits", a_time_out_needs_a_deadline},
      {"rule 5: a checkout follows the table", a_checkout_follows_the_table},
      {"rule 5: a checkin unpins its own generation, once", a_checkin_unpins_its_own_generation},
      {"rule 5: a claim ends for a reason", a_claim_ends_for_a_reason},
      {"rule 7: an eviction skips what is pinned", an_eviction_skips_what_is_pinned},
      {"rule 7: gc takes every unpinned row", gc_takes_every_unpinned_row},
      {"rule 7: a failed unlink is tried again", a_failed_unlink_is_tried_again},
      {"rule 10: a corrupt row is not read again", a_corrupt_row_is_not_read_again},
      {"rule 11: a file goes only while its key is evicting", a_file_goes_only_while_evicting},
      {"rule 11: evicting holds until the unlink is done", evicting_holds_until_the_unlink},
      {"rule 11: adopting holds until it is settled, by what was found", adopting_holds_until_it_is_settled},
      {"mark_published follows the table", a_mark_follows_the_table},
      {"announce_saved follows the table", an_announce_follows_the_table},
      {"insert_available follows the table", an_insert_follows_the_table},
      {"cancel_reservation follows the table", a_cancel_follows_the_table},
      {"abandon_reservation follows the table", an_abandon_follows_the_table},
      {"a file is linked in the tier that was reserved", a_file_is_linked_in_the_tier_reserved},
      {"a file is adopted in its tier", a_file_is_adopted_in_its_tier},
      {"lookup_exact tells what is there", a_lookup_tells_what_is_there},
      {"a row goes for a reason", a_row_goes_for_a_reason},
  };
}

/// Every key is absent or available, and nobody waits. R10: each other state goes on by itself, and an absent key can
/// be reserved.
bool may_rest(const state& s) {
  return !s.table.down && s.table.queue.empty() && s.table.unheard.empty() &&
         std::all_of(s.table.rows.begin(), s.table.rows.end(),
                     [](const auto& entry) { return entry.second.is == status::available; });
}

/// Time passes, the sweep comes, the arbiter's work is done, and calls that are decided return. A writer may stop for
/// ever, and a claim may be kept for ever.
bool comes_of_itself(const state& s, const command& what) {
  if (is<table::sweep>(what)) {
    return std::any_of(s.table.rows.begin(), s.table.rows.end(),
                       [](const auto& entry) { return entry.second.expired; });
  }
  return is<table::validate>(what) || is<table::settle>(what) || is<table::unlink>(what) ||
         is<table::end_eviction>(what) || is<table::expire>(what) || is<table::answer>(what) ||
         is<table::restart>(what);
}

}  // namespace

reservation_claims reservation_properties(const reservation_bounds& bounds) {
  reservation_claims all;
  add_invariants(all);
  add_reservation_landmarks(all, bounds);
  all.may_rest = may_rest;
  all.certain = comes_of_itself;
  return all;
}

}  // namespace wavetank::model

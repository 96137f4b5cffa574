// What is claimed of every run of the merge semaphore: the rows of its table one by one, and its invariants. Each claim
// is written from the rules and shares no code with the transitions that it judges.
#include <algorithm>
#include <optional>

#include <wavetank/model/command_is.h>
#include <wavetank/model/merge_semaphore_scope.h>

namespace wavetank::model {
namespace {

using semaphore = merge_semaphore;
using result = semaphore::result;
using state = merge_semaphore_scope_state;
using command = semaphore::command;
using response = semaphore::response;
using claims = merge_semaphore_claims;

// What can be seen
// -----------------------------------------------------------------------------------------------------

const std::optional<semaphore::hold>& hold_in(const state& s) { return s.semaphore.holder; }

bool is_held(const state& s) { return hold_in(s).has_value(); }

bool holds(const state& s, call_number call) { return is_held(s) && hold_in(s)->generation == call; }

bool is_owner(const state& s, task_number task) { return is_held(s) && hold_in(s)->owner == task; }

bool waits(const state& s, call_number call) {
  return std::any_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                     [&](const auto& one) { return one.call == call; });
}

bool granted_but_unheard(const state& s, call_number call) {
  const auto* verdict = s.semaphore.unheard.find(call);
  return verdict != nullptr && verdict->outcome == result::granted;
}

template <class Command>
bool concerns(const command& what, call_number call) {
  const auto* one = as<Command>(what);
  return one != nullptr && one->call == call;
}

bool kills(const command& what, task_number task) {
  const auto* death = as<semaphore::owner_dies>(what);
  return death != nullptr && death->task == task;
}

/// The hold of `before` has ended, and a waiter has the next one.
bool hands_over(const state& before, const state& after) {
  return is_held(before) && is_held(after) && !holds(after, hold_in(before)->generation);
}

// The table
// ------------------------------------------------------------------------------------------------------------

bool an_attempt_follows_the_table(const state& before, const command& what, const response& said, const state& after) {
  const auto* attempt = as<semaphore::acquire>(what);
  if (attempt == nullptr) return true;
  if (before.semaphore.closed) return said == response{result::closed} && before.semaphore == after.semaphore;
  if (is_held(before)) {
    return said == response{result::busy, hold_in(before)->shard} && before.semaphore == after.semaphore;
  }
  return said == response{result::granted} &&
         hold_in(after) == semaphore::hold{attempt->call, attempt->task, attempt->shard};
}

bool a_request_is_answered_by_the_rules(const state& before, const command& what, const response& said,
                                        const state& after) {
  const auto* call = as<semaphore::request>(what);
  if (call == nullptr) return true;
  if (before.semaphore.closed) return said == response{result::closed} && before.semaphore == after.semaphore;
  if (!is_held(before)) {
    return said == response{result::granted} && hold_in(after) == semaphore::hold{call->call, call->task, call->shard};
  }
  if (call->waits == patience::one_attempt) {
    return said == response{result::timed_out} && before.semaphore == after.semaphore;
  }
  return said == response{result::queued} && waits(after, call->call) && hold_in(after) == hold_in(before);
}

bool a_permit_frees_its_own_hold(const state& before, const command& what, const response& said, const state& after) {
  const auto* given_back = as<semaphore::release>(what);
  if (given_back == nullptr) return true;
  if (!holds(before, given_back->call)) {
    return said == response{result::not_holder} && before.semaphore == after.semaphore;
  }
  return said == response{result::ok} && !holds(after, given_back->call);
}

bool a_name_frees_the_hold_of_its_task(const state& before, const command& what, const response& said,
                                       const state& after) {
  const auto* given_back = as<semaphore::release_by_name>(what);
  if (given_back == nullptr) return true;
  if (!is_owner(before, given_back->task) || hold_in(before)->shard != given_back->shard) {
    return said == response{result::not_holder} && before.semaphore == after.semaphore;
  }
  return said == response{result::ok} && !holds(after, hold_in(before)->generation);
}

bool the_status_is_true(const state& before, const command& what, const response& said, const state& after) {
  if (is<semaphore::waiting>(what)) {
    return said == response{result::value, before.semaphore.queue.size()} && before == after;
  }
  if (!is<semaphore::status>(what)) return true;
  const response truth = is_held(before) ? response{result::held, hold_in(before)->shard} : response{result::free};
  return said == truth && before == after;
}

bool a_transfer_does_what_it_says(const state& before, const command& what, const response& said, const state& after) {
  const auto* moved = as<semaphore::transfer>(what);
  if (moved == nullptr) return true;
  if (!holds(before, moved->call)) return said.what == result::nothing && before.semaphore == after.semaphore;
  if (before.semaphore.dead.contains(moved->to)) return said.what == result::released && !holds(after, moved->call);
  return said.what == result::transferred && holds(after, moved->call) && is_owner(after, moved->to) &&
         hold_in(after)->shard == hold_in(before)->shard;
}

// S3, S4: the queue
// ----------------------------------------------------------------------------------------------------

bool nobody_waits_for_a_free_one(const state& s) { return is_held(s) || s.semaphore.queue.empty(); }

/// Whoever got the permit from the queue had nobody ahead who still waits, and no newcomer passes a queue.
bool nobody_is_overtaken(const state& before, const command&, const response&, const state& after) {
  if (!is_held(after) || hold_in(after) == hold_in(before) || holds(before, hold_in(after)->generation)) return true;
  for (const auto& ahead : before.semaphore.queue) {
    if (holds(after, ahead.call)) return true;
    if (waits(after, ahead.call)) return false;
  }
  return true;
}

bool queue_keeps_its_order(const state& before, const command&, const response&, const state& after) {
  auto from = before.semaphore.queue.begin();
  for (const auto& one : after.semaphore.queue) {
    if (!waits(before, one.call)) return &one == &after.semaphore.queue.back();
    from = std::find(from, before.semaphore.queue.end(), one);
    if (from == before.semaphore.queue.end()) return false;
    ++from;
  }
  return true;
}

// S5: every call is answered once
// --------------------------------------------------------------------------------------

bool each_call_is_in_one_place(const state& s) {
  const auto& inner = s.semaphore;
  for (auto one = inner.queue.begin(); one != inner.queue.end(); ++one) {
    if (holds(s, one->call) || inner.unheard.contains(one->call)) return false;
    if (std::any_of(std::next(one), inner.queue.end(), [&](const auto& other) { return other.call == one->call; })) {
      return false;
    }
  }
  return std::all_of(inner.unheard.begin(), inner.unheard.end(), [&](const auto& entry) {
    return entry.second.outcome == result::granted ? holds(s, entry.first) || inner.destroyed : !holds(s, entry.first);
  });
}

bool the_hold_is_in_a_hand(const state& s) {
  return !is_held(s) || s.handles.contains(hold_in(s)->generation) || granted_but_unheard(s, hold_in(s)->generation);
}

bool a_waiting_call_is_not_forgotten(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(before.semaphore.queue.begin(), before.semaphore.queue.end(), [&](const auto& one) {
    return waits(after, one.call) || after.semaphore.unheard.contains(one.call) || kills(what, one.task) ||
           concerns<semaphore::abandon>(what, one.call);
  });
}

bool an_outcome_is_final(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(before.semaphore.unheard.begin(), before.semaphore.unheard.end(), [&](const auto& entry) {
    const auto& [call, verdict] = entry;
    const auto* now = after.semaphore.unheard.find(call);
    if (now != nullptr && *now == verdict) return true;
    if (now != nullptr) {
      return verdict.outcome == result::granted &&
             (now->outcome == result::timed_out || now->outcome == result::cancelled);
    }
    return concerns<semaphore::answer>(what, call) || concerns<semaphore::abandon>(what, call) ||
           kills(what, verdict.task);
  });
}

bool answers_say_what_was_decided(const state& before, const command& what, const response& said, const state& after) {
  const auto* one = as<semaphore::answer>(what);
  if (one == nullptr) return true;
  const auto* verdict = before.semaphore.unheard.find(one->call);
  return verdict != nullptr && verdict->outcome == said.what && !after.semaphore.unheard.contains(one->call);
}

bool outcomes_have_their_cause(const state& before, const command& what, const response&, const state& after) {
  return std::all_of(after.semaphore.unheard.begin(), after.semaphore.unheard.end(), [&](const auto& entry) {
    const auto& [call, verdict] = entry;
    const auto* earlier = before.semaphore.unheard.find(call);
    if (earlier != nullptr && earlier->outcome == verdict.outcome) return true;
    switch (verdict.outcome) {
      case result::granted:
        return true;
      case result::timed_out:
        return concerns<semaphore::time_out>(what, call) && verdict.waits == patience::until_deadline;
      case result::cancelled:
        return concerns<semaphore::cancel>(what, call);
      case result::closed:
        return is<semaphore::close>(what) || is<semaphore::destroy>(what);
      default:
        return false;
    }
  });
}

bool a_withdrawn_call_gets_no_permit(const state&, const command& what, const response& said, const state& after) {
  if (said.what != result::withdrawn) return true;
  const auto gone = [&](call_number call) { return !waits(after, call) && !holds(after, call); };
  if (const auto* one = as<semaphore::time_out>(what)) return gone(one->call);
  if (const auto* one = as<semaphore::cancel>(what)) return gone(one->call);
  const auto* one = as<semaphore::abandon>(what);
  return one != nullptr && gone(one->call);
}

// S6: owners
// -----------------------------------------------------------------------------------------------------------

bool the_dead_hold_nothing(const state& s) { return !is_held(s) || !s.semaphore.dead.contains(hold_in(s)->owner); }

bool the_dead_wait_for_nothing(const state& s) {
  const auto& dead = s.semaphore.dead;
  return std::none_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                      [&](const auto& one) { return dead.contains(one.task); }) &&
         std::none_of(s.semaphore.unheard.begin(), s.semaphore.unheard.end(),
                      [&](const auto& entry) { return dead.contains(entry.second.task); });
}

bool a_hold_ends_for_a_reason(const state& before, const command& what, const response& said, const state& after) {
  if (!is_held(before) || holds(after, hold_in(before)->generation)) return true;
  const call_number call = hold_in(before)->generation;
  if (kills(what, hold_in(before)->owner) || is<semaphore::destroy>(what)) return true;
  if (granted_but_unheard(before, call)) {
    return (concerns<semaphore::abandon>(what, call) && said.what == result::ok) ||
           (concerns<semaphore::time_out>(what, call) && said.what == result::withdrawn) ||
           (concerns<semaphore::cancel>(what, call) && said.what == result::withdrawn);
  }
  const auto* by_name = as<semaphore::release_by_name>(what);
  return (concerns<semaphore::release>(what, call) && said.what == result::ok) ||
         (concerns<semaphore::transfer>(what, call) && said.what == result::released) ||
         (by_name != nullptr && by_name->task == hold_in(before)->owner && by_name->shard == hold_in(before)->shard);
}

bool a_hold_changes_by_transfer(const state& before, const command& what, const response&, const state& after) {
  if (!is_held(before) || !holds(after, hold_in(before)->generation)) return true;
  return hold_in(after) == hold_in(before) || is<semaphore::transfer>(what);
}

// Closing
// --------------------------------------------------------------------------------------------------------------

bool nobody_waits_at_a_closed_one(const state& s) { return !s.semaphore.closed || s.semaphore.queue.empty(); }

bool closed_for_good(const state& before, const command&, const response&, const state& after) {
  if (!before.semaphore.closed) return true;
  return after.semaphore.closed && (!is_held(after) || holds(before, hold_in(after)->generation));
}

bool closing_revokes_nothing(const state& before, const command& what, const response&, const state& after) {
  return !is<semaphore::close>(what) || hold_in(before) == hold_in(after);
}

bool a_destroyed_one_holds_nothing(const state& s) {
  return !s.semaphore.destroyed || (!is_held(s) && s.semaphore.queue.empty());
}

bool an_event_happens(const state& before, const command& what, const response&, const state& after) {
  if (const auto* death = as<semaphore::owner_dies>(what)) return after.semaphore.dead.contains(death->task);
  if (after.semaphore.dead != before.semaphore.dead) return false;
  if (is<semaphore::close>(what)) return after.semaphore.closed && !after.semaphore.destroyed;
  if (is<semaphore::destroy>(what)) return after.semaphore.closed && after.semaphore.destroyed;
  return after.semaphore.closed == before.semaphore.closed && after.semaphore.destroyed == before.semaphore.destroyed;
}

// What must be possible
// ------------------------------------------------------------------------------------------------

bool two_wait(const state& s) { return s.semaphore.queue.size() > 1; }

bool closed_and_held(const state& s) { return s.semaphore.closed && is_held(s); }

bool held_by_a_task_that_waits_itself(const state& s) {
  return is_held(s) && std::any_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                                   [&](const auto& one) { return is_owner(s, one.task); });
}

bool busy_for_its_own_holder(const state& before, const command& what, const response& said, const state&) {
  const auto* attempt = as<semaphore::acquire>(what);
  return attempt != nullptr && said.what == result::busy && is_owner(before, attempt->task);
}

bool release_hands_over(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::release>(what) && hands_over(before, after);
}

bool stale_release_met_by_a_later_hold(const state& before, const command& what, const response& said, const state&) {
  return is<semaphore::release>(what) && said.what == result::not_holder && is_held(before);
}

bool older_permit_beside_a_newer(const state& before, const command& what, const response& said, const state&) {
  return is<semaphore::release>(what) && said.what == result::not_holder && is_held(before) &&
         before.handles.contains(hold_in(before)->generation);
}

bool released_by_name(const state&, const command& what, const response& said, const state&) {
  return is<semaphore::release_by_name>(what) && said.what == result::ok;
}

bool name_of_another_shard(const state& before, const command& what, const response& said, const state&) {
  const auto* one = as<semaphore::release_by_name>(what);
  return one != nullptr && said.what == result::not_holder && is_owner(before, one->task);
}

bool name_by_another_task(const state& before, const command& what, const response& said, const state&) {
  const auto* one = as<semaphore::release_by_name>(what);
  return one != nullptr && said.what == result::not_holder && is_held(before) && !is_owner(before, one->task) &&
         one->shard == hold_in(before)->shard;
}

bool death_hands_over(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::owner_dies>(what) && hands_over(before, after);
}

bool death_frees(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::owner_dies>(what) && is_held(before) && !is_held(after);
}

bool death_of_a_waiter(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::owner_dies>(what) && after.semaphore.queue.size() < before.semaphore.queue.size() &&
         hold_in(before) == hold_in(after);
}

bool death_of_the_granted_before_it_heard(const state& before, const command& what, const response&, const state&) {
  return is_held(before) && granted_but_unheard(before, hold_in(before)->generation) &&
         kills(what, hold_in(before)->owner);
}

bool death_of_a_former_owner(const state& before, const command& what, const response&, const state& after) {
  // The hold was transferred; the death of the task that asked for it touches nobody.
  const auto* death = as<semaphore::owner_dies>(what);
  return death != nullptr && is_held(before) && hold_in(before) == hold_in(after);
}

bool transfer_to_another(const state& before, const command& what, const response& said, const state&) {
  const auto* moved = as<semaphore::transfer>(what);
  return moved != nullptr && said.what == result::transferred && !is_owner(before, moved->to);
}

bool transfer_to_the_dead(const state&, const command& what, const response& said, const state&) {
  return is<semaphore::transfer>(what) && said.what == result::released;
}

bool time_out_withdraws(const state& before, const command& what, const response& said, const state&) {
  const auto* event = as<semaphore::time_out>(what);
  return event != nullptr && said.what == result::withdrawn && waits(before, event->call);
}

bool time_out_meets_a_grant(const state& before, const command& what, const response& said, const state&) {
  const auto* event = as<semaphore::time_out>(what);
  return event != nullptr && said.what == result::too_late && granted_but_unheard(before, event->call);
}

bool time_out_passes_a_grant_on(const state& before, const command& what, const response& said, const state& after) {
  return is<semaphore::time_out>(what) && said.what == result::withdrawn && hands_over(before, after);
}

bool stop_withdraws(const state& before, const command& what, const response& said, const state&) {
  const auto* event = as<semaphore::cancel>(what);
  return event != nullptr && said.what == result::withdrawn && waits(before, event->call);
}

bool unwinding_passes_a_grant_on(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::abandon>(what) && hands_over(before, after);
}

bool close_with_waiters(const state& before, const command& what, const response&, const state&) {
  return is<semaphore::close>(what) && !before.semaphore.queue.empty();
}

bool destroy_while_held(const state& before, const command& what, const response&, const state&) {
  return is<semaphore::destroy>(what) && is_held(before);
}

// Rest and deadlock
// ----------------------------------------------------------------------------------------------------

bool nobody_waits(const state& s) { return s.semaphore.queue.empty() && s.semaphore.unheard.empty(); }

/// A decided call returns, a deadline comes, and a holder that lives gives back one day.
bool comes_of_itself(const state& s, const command& what) {
  if (is<semaphore::answer>(what)) return true;
  if (const auto* event = as<semaphore::time_out>(what)) return waits(s, event->call);
  const auto* given_back = as<semaphore::release>(what);
  return given_back != nullptr && holds(s, given_back->call) && !s.semaphore.dead.contains(hold_in(s)->owner);
}

void add_invariants(claims& all) {
  all.invariants = {
      {"S3: nobody waits for a free semaphore", nobody_waits_for_a_free_one},
      {"S5: each call waits, is decided, or is over: one of them", each_call_is_in_one_place},
      {"S5: the hold is in somebody's hand or on its way there", the_hold_is_in_a_hand},
      {"S6: the dead hold nothing", the_dead_hold_nothing},
      {"S6: the dead wait for nothing", the_dead_wait_for_nothing},
      {"nobody waits at a closed semaphore", nobody_waits_at_a_closed_one},
      {"a destroyed semaphore holds nothing", a_destroyed_one_holds_nothing},
  };
  all.step_invariants = {
      {"S8: a permit frees its own hold, a stale one nothing", a_permit_frees_its_own_hold},
      {"S8: a name frees the hold of its own task and shard alone", a_name_frees_the_hold_of_its_task},
      {"S8: an attempt is granted when free, else busy with the holder's shard", an_attempt_follows_the_table},
      {"S4: a waiter is overtaken by nobody", nobody_is_overtaken},
      {"S4: the queue keeps its order", queue_keeps_its_order},
      {"S5: a request is answered by the rules", a_request_is_answered_by_the_rules},
      {"S5: a waiting call is not forgotten", a_waiting_call_is_not_forgotten},
      {"S5: an outcome is final", an_outcome_is_final},
      {"S5: an answer says what was decided, once", answers_say_what_was_decided},
      {"S5: every outcome has its cause; no time-out without a deadline", outcomes_have_their_cause},
      {"S5: a withdrawn call gets no permit", a_withdrawn_call_gets_no_permit},
      {"S6: a hold ends for a reason, once", a_hold_ends_for_a_reason},
      {"S6: a hold changes by transfer alone", a_hold_changes_by_transfer},
      {"a transfer does what it says", a_transfer_does_what_it_says},
      {"the status is true, and looking changes nothing", the_status_is_true},
      {"closed is closed for good, and grants nothing", closed_for_good},
      {"closing revokes nothing", closing_revokes_nothing},
      {"deaths and the end change by their own commands alone", an_event_happens},
  };
}

void add_landmarks(claims& all, const merge_semaphore_bounds& bounds) {
  const bool deaths = bounds.deaths >= 1;
  const bool three_calls = bounds.calls >= 3;

  all.reach_if(three_calls, "two wait", two_wait);
  all.reach_if(bounds.ends, "closed, and the hold goes on", closed_and_held);
  all.reach_if(true, "a holder that waits for itself", held_by_a_task_that_waits_itself);

  all.step_if(true, "a holder that asks again is told it is busy", busy_for_its_own_holder);
  all.step_if(true, "a release hands over to the next", release_hands_over);
  all.step_if(true, "a stale release met by a later hold", stale_release_met_by_a_later_hold);
  all.step_if(true, "an older permit released beside a newer one", older_permit_beside_a_newer);
  all.step_if(true, "a release by name", released_by_name);
  all.step_if(bounds.shards >= 2, "a release by the name of another shard", name_of_another_shard);
  all.step_if(bounds.tasks >= 2, "a release by name by another task", name_by_another_task);
  all.step_if(deaths, "the death of the holder frees", death_frees);
  all.step_if(deaths && bounds.tasks >= 2, "the death of the holder hands over to the next", death_hands_over);
  all.step_if(deaths && bounds.tasks >= 2, "the death of a waiter", death_of_a_waiter);
  all.step_if(deaths, "a death after the grant and before the answer", death_of_the_granted_before_it_heard);
  all.step_if(deaths && bounds.transfers && bounds.tasks >= 2, "a death beside somebody else's hold",
              death_of_a_former_owner);
  all.step_if(bounds.transfers && bounds.tasks >= 2, "a transfer to another owner", transfer_to_another);
  all.step_if(bounds.transfers && deaths, "a transfer to the dead", transfer_to_the_dead);
  all.step_if(true, "a time-out withdraws a waiter", time_out_withdraws);
  all.step_if(true, "a time-out too late: the grant is kept", time_out_meets_a_grant);
  all.step_if(three_calls, "a time-out meets a grant, which goes to the next", time_out_passes_a_grant_on);
  all.step_if(bounds.stops, "a stop request withdraws a waiter", stop_withdraws);
  all.step_if(bounds.stops && three_calls, "an unwound call passes its grant on", unwinding_passes_a_grant_on);
  all.step_if(bounds.ends, "a close with waiters", close_with_waiters);
  all.step_if(bounds.ends, "a destruction while held", destroy_while_held);
}

}  // namespace

merge_semaphore_claims merge_semaphore_properties(const merge_semaphore_bounds& bounds) {
  claims all;
  add_invariants(all);
  add_landmarks(all, bounds);
  all.may_rest = nobody_waits;
  all.certain = comes_of_itself;
  return all;
}

}  // namespace wavetank::model

// What is claimed of every run of the counting semaphore. Each claim is written from the rules, in terms of what can be
// seen of a state, and shares no code with the transitions that it judges.
#include <algorithm>
#include <vector>

#include <wavetank/model/command_is.h>
#include <wavetank/model/counting_semaphore_scope.h>

namespace wavetank::model {
namespace {

using semaphore = counting_semaphore;
using result = semaphore::result;
using state = counting_semaphore_scope_state;
using command = semaphore::command;
using response = semaphore::response;
using claims = counting_semaphore_claims;

// What can be seen
// -----------------------------------------------------------------------------------------------------

semaphore::weight held(const state& s) {
  semaphore::weight sum = 0;
  for (const auto& entry : s.semaphore.permits) sum += entry.second.amount;
  return sum;
}

semaphore::weight room(const state& s) { return held(s) < s.semaphore.limit ? s.semaphore.limit - held(s) : 0; }

bool waits(const state& s, call_number call) {
  return std::any_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                     [&](const auto& one) { return one.call == call; });
}

bool granted_but_unheard(const state& s, call_number call) {
  const auto* verdict = s.semaphore.unheard.find(call);
  return verdict != nullptr && verdict->outcome == result::granted;
}

bool holds_a_permit(const state& s, task_number task) {
  return std::any_of(s.semaphore.permits.begin(), s.semaphore.permits.end(),
                     [&](const auto& entry) { return entry.second.owner == task; });
}

/// The calls that got their permit in this step.
std::vector<call_number> newly_granted(const state& before, const state& after) {
  std::vector<call_number> calls;
  for (const auto& [call, permit] : after.semaphore.permits) {
    if (!before.semaphore.permits.contains(call)) calls.push_back(call);
  }
  return calls;
}

bool grants(const state& before, const state& after) { return !newly_granted(before, after).empty(); }

/// Whether `what` is a `Command` about `call`.
template <class Command>
bool concerns(const command& what, call_number call) {
  const auto* one = as<Command>(what);
  return one != nullptr && one->call == call;
}

bool kills(const command& what, task_number task) {
  const auto* death = as<semaphore::owner_dies>(what);
  return death != nullptr && death->task == task;
}

// S1, S2: the count
// ----------------------------------------------------------------------------------------------------

bool an_observer_says_what_is(const state& before, const command& what, const response& said, const state& after) {
  const bool is_observer = is<semaphore::current>(what) || is<semaphore::waiting>(what) || is<semaphore::holders>(what);
  if (!is_observer) return true;
  if (said.what != result::value || after != before) return false;
  if (is<semaphore::current>(what)) return said.number == held(before);
  if (is<semaphore::waiting>(what)) return said.number == before.semaphore.queue.size();
  semaphore::weight listed = 0;
  for (const auto& [task, amount] : said.held_by) listed += amount;
  return said.number == before.semaphore.permits.size() && listed == held(before);
}

bool count_rises_within_the_limit(const state& before, const command&, const response&, const state& after) {
  return held(after) <= held(before) || held(after) <= after.semaphore.limit;
}

bool lowering_revokes_nothing(const state& before, const command& what, const response&, const state& after) {
  if (!is<semaphore::set_limit>(what)) return true;
  return std::all_of(before.semaphore.permits.begin(), before.semaphore.permits.end(), [&](const auto& entry) {
    const auto* still = after.semaphore.permits.find(entry.first);
    return still != nullptr && *still == entry.second;
  });
}

/// The first answer that a call of `amount` must get: the refusals in their order, else by whether it fits.
result first_answer(const state& s, semaphore::weight amount, result if_it_must_wait) {
  if (amount == 0) return result::zero_weight;
  if (s.semaphore.closed) return result::closed;
  if (amount > s.semaphore.limit) return result::too_large;
  return s.semaphore.queue.empty() && amount <= room(s) ? result::granted : if_it_must_wait;
}

bool a_new_call_is_answered_by_the_rules(const state& before, const command& what, const response& said,
                                         const state& after) {
  if (const auto* attempt = as<semaphore::try_acquire>(what)) {
    return said.what == first_answer(before, attempt->amount, result::busy) &&
           after.semaphore.permits.contains(attempt->call) == (said.what == result::granted);
  }
  if (const auto* call = as<semaphore::request>(what)) {
    const result must_wait = call->waits == patience::one_attempt ? result::timed_out : result::queued;
    return said.what == first_answer(before, call->amount, must_wait) &&
           after.semaphore.permits.contains(call->call) == (said.what == result::granted) &&
           waits(after, call->call) == (said.what == result::queued);
  }
  return true;
}

bool an_event_happens(const state& before, const command& what, const response&, const state& after) {
  if (const auto* change = as<semaphore::set_limit>(what)) return after.semaphore.limit == change->limit;
  if (after.semaphore.limit != before.semaphore.limit) return false;
  if (const auto* death = as<semaphore::owner_dies>(what)) return after.semaphore.dead.contains(death->task);
  if (after.semaphore.dead != before.semaphore.dead) return false;
  if (is<semaphore::close>(what)) return after.semaphore.closed && !after.semaphore.destroyed;
  if (is<semaphore::destroy>(what)) return after.semaphore.closed && after.semaphore.destroyed;
  return after.semaphore.closed == before.semaphore.closed && after.semaphore.destroyed == before.semaphore.destroyed;
}

// S3, S4: the queue
// ----------------------------------------------------------------------------------------------------

bool head_does_not_fit(const state& s) {
  return s.semaphore.queue.empty() || s.semaphore.queue.front().amount > room(s);
}

bool waiters_can_fit(const state& s) {
  return std::all_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                     [&](const auto& one) { return one.amount <= s.semaphore.limit; });
}

bool nobody_is_overtaken(const state& before, const command&, const response&, const state& after) {
  for (const call_number granted : newly_granted(before, after)) {
    for (const auto& ahead : before.semaphore.queue) {
      if (ahead.call == granted) break;
      if (waits(after, ahead.call)) return false;
    }
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
    if (inner.permits.contains(one->call) || inner.unheard.contains(one->call)) return false;
    if (std::any_of(std::next(one), inner.queue.end(), [&](const auto& other) { return other.call == one->call; })) {
      return false;
    }
  }
  return std::all_of(inner.unheard.begin(), inner.unheard.end(), [&](const auto& entry) {
    const bool has_permit = inner.permits.contains(entry.first);
    return entry.second.outcome == result::granted ? has_permit || inner.destroyed : !has_permit;
  });
}

bool each_permit_is_in_a_hand(const state& s) {
  return std::all_of(s.semaphore.permits.begin(), s.semaphore.permits.end(), [&](const auto& entry) {
    return s.handles.contains(entry.first) || granted_but_unheard(s, entry.first);
  });
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
    if (now != nullptr)
      return verdict.outcome == result::granted &&
             (now->outcome == result::timed_out || now->outcome == result::cancelled);
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
  for (const auto& [call, verdict] : after.semaphore.unheard) {
    const auto* earlier = before.semaphore.unheard.find(call);
    if (earlier != nullptr && earlier->outcome == verdict.outcome) continue;
    switch (verdict.outcome) {
      case result::granted:
        break;
      case result::timed_out:
        if (!concerns<semaphore::time_out>(what, call) || verdict.waits != patience::until_deadline) return false;
        break;
      case result::cancelled:
        if (!concerns<semaphore::cancel>(what, call)) return false;
        break;
      case result::closed:
        if (!is<semaphore::close>(what) && !is<semaphore::destroy>(what)) return false;
        break;
      case result::too_large:
        if (!is<semaphore::set_limit>(what)) return false;
        break;
      default:
        return false;
    }
  }
  return true;
}

bool a_withdrawn_call_gets_no_permit(const state& before, const command& what, const response& said,
                                     const state& after) {
  if (said.what != result::withdrawn) return true;
  const auto gone = [&](call_number call) { return !waits(after, call) && !after.semaphore.permits.contains(call); };
  if (const auto* one = as<semaphore::time_out>(what)) return gone(one->call);
  if (const auto* one = as<semaphore::cancel>(what)) return gone(one->call);
  if (const auto* one = as<semaphore::abandon>(what)) return gone(one->call);
  return before == after;
}

// S6: owners
// -----------------------------------------------------------------------------------------------------------

bool the_dead_hold_nothing(const state& s) {
  return std::none_of(s.semaphore.dead.begin(), s.semaphore.dead.end(),
                      [&](const auto& entry) { return holds_a_permit(s, entry.first); });
}

bool the_dead_wait_for_nothing(const state& s) {
  const auto& dead = s.semaphore.dead;
  return std::none_of(s.semaphore.queue.begin(), s.semaphore.queue.end(),
                      [&](const auto& one) { return dead.contains(one.task); }) &&
         std::none_of(s.semaphore.unheard.begin(), s.semaphore.unheard.end(),
                      [&](const auto& entry) { return dead.contains(entry.second.task); });
}

bool a_permit_ends_for_a_reason(const state& before, const command& what, const response& said, const state& after) {
  return std::all_of(before.semaphore.permits.begin(), before.semaphore.permits.end(), [&](const auto& entry) {
    const auto& [call, permit] = entry;
    if (after.semaphore.permits.contains(call)) return true;
    const bool unheard = granted_but_unheard(before, call);
    return kills(what, permit.owner) || is<semaphore::destroy>(what) ||
           (!unheard && concerns<semaphore::release>(what, call) && said.what == result::released) ||
           (!unheard && concerns<semaphore::transfer>(what, call) && said.what == result::released) ||
           (unheard && concerns<semaphore::abandon>(what, call) && said.what == result::released) ||
           (unheard && concerns<semaphore::time_out>(what, call) && said.what == result::withdrawn) ||
           (unheard && concerns<semaphore::cancel>(what, call) && said.what == result::withdrawn);
  });
}

bool an_owner_changes_by_transfer(const state& before, const command& what, const response& said, const state& after) {
  return std::all_of(before.semaphore.permits.begin(), before.semaphore.permits.end(), [&](const auto& entry) {
    const auto* now = after.semaphore.permits.find(entry.first);
    if (now == nullptr || *now == entry.second) return true;
    const auto* moved = as<semaphore::transfer>(what);
    return moved != nullptr && moved->call == entry.first && said.what == result::transferred &&
           now->owner == moved->to && now->amount == entry.second.amount;
  });
}

bool a_transfer_does_what_it_says(const state& before, const command& what, const response& said, const state& after) {
  const auto* moved = as<semaphore::transfer>(what);
  if (moved == nullptr) return true;
  const auto* permit = after.semaphore.permits.find(moved->call);
  const bool was_live = before.semaphore.permits.contains(moved->call);
  if (!was_live) return said.what == result::nothing && before.semaphore == after.semaphore;
  if (before.semaphore.dead.contains(moved->to)) return said.what == result::released && permit == nullptr;
  return said.what == result::transferred && permit != nullptr && permit->owner == moved->to;
}

bool released_means_ended(const state& before, const command& what, const response& said, const state& after) {
  const auto* one = as<semaphore::release>(what);
  if (one == nullptr) return true;
  const bool was_live = before.semaphore.permits.contains(one->call);
  if (said.what == result::released) return was_live && !after.semaphore.permits.contains(one->call);
  return !was_live && before.semaphore == after.semaphore;
}

// Closing
// --------------------------------------------------------------------------------------------------------------

bool nobody_waits_at_a_closed_one(const state& s) { return !s.semaphore.closed || s.semaphore.queue.empty(); }

bool closed_for_good(const state& before, const command&, const response&, const state& after) {
  return !before.semaphore.closed || (after.semaphore.closed && !grants(before, after));
}

bool closing_revokes_nothing(const state& before, const command& what, const response&, const state& after) {
  return !is<semaphore::close>(what) || before.semaphore.permits == after.semaphore.permits;
}

bool a_destroyed_one_holds_nothing(const state& s) {
  return !s.semaphore.destroyed || (s.semaphore.permits.empty() && s.semaphore.queue.empty());
}

// What must be possible
// ------------------------------------------------------------------------------------------------

bool above_the_limit(const state& s) { return held(s) > s.semaphore.limit; }

bool waits_above_the_limit(const state& s) { return above_the_limit(s) && !s.semaphore.queue.empty(); }

bool large_head_blocks_a_small_one(const state& s) {
  return s.semaphore.queue.size() > 1 && s.semaphore.queue[1].amount <= room(s);
}

bool one_task_holds_two(const state& s) {
  const auto& permits = s.semaphore.permits;
  return std::any_of(permits.begin(), permits.end(), [&](const auto& a) {
    return std::any_of(permits.begin(), permits.end(),
                       [&](const auto& b) { return a.first < b.first && a.second.owner == b.second.owner; });
  });
}

bool closed_with_a_permit(const state& s) {
  return s.semaphore.closed && !s.semaphore.destroyed && !s.semaphore.permits.empty();
}

bool grant_before_the_deadline_unheard(const state& s) {
  return std::any_of(s.semaphore.unheard.begin(), s.semaphore.unheard.end(), [](const auto& entry) {
    return entry.second.outcome == result::granted && entry.second.waits == patience::until_deadline;
  });
}

bool release_hands_over(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::release>(what) && grants(before, after);
}

bool death_of_a_holder_hands_over(const state& before, const command& what, const response&, const state& after) {
  const auto* death = as<semaphore::owner_dies>(what);
  return death != nullptr && holds_a_permit(before, death->task) && grants(before, after);
}

bool death_of_the_head_lets_the_next_pass(const state& before, const command& what, const response&,
                                          const state& after) {
  const auto* death = as<semaphore::owner_dies>(what);
  return death != nullptr && !holds_a_permit(before, death->task) && grants(before, after);
}

bool death_in_the_middle_of_the_queue(const state& before, const command& what, const response&, const state&) {
  const auto& queue = before.semaphore.queue;
  return queue.size() > 2 && kills(what, queue[1].task);
}

bool death_frees_two(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::owner_dies>(what) && before.semaphore.permits.size() >= 2 + after.semaphore.permits.size();
}

bool death_of_the_granted_before_it_heard(const state& before, const command& what, const response&,
                                          const state& after) {
  return std::any_of(before.semaphore.unheard.begin(), before.semaphore.unheard.end(), [&](const auto& entry) {
    return entry.second.outcome == result::granted && kills(what, entry.second.task) &&
           !after.semaphore.permits.contains(entry.first);
  });
}

bool transfer_to_the_living(const state&, const command& what, const response& said, const state&) {
  return is<semaphore::transfer>(what) && said.what == result::transferred;
}

bool transfer_to_the_dead(const state&, const command& what, const response& said, const state&) {
  return is<semaphore::transfer>(what) && said.what == result::released;
}

bool transferred_permit_outlives_its_first_owner(const state& before, const command& what, const response& said,
                                                 const state&) {
  const auto* moved = as<semaphore::transfer>(what);
  const auto* permit = moved != nullptr ? before.semaphore.permits.find(moved->call) : nullptr;
  return permit != nullptr && permit->owner != moved->to && said.what == result::transferred;
}

bool stale_release_beside_a_live_permit(const state& before, const command& what, const response& said, const state&) {
  return is<semaphore::release>(what) && said.what == result::nothing && !before.semaphore.permits.empty();
}

bool close_with_waiters(const state& before, const command& what, const response&, const state&) {
  return is<semaphore::close>(what) && !before.semaphore.queue.empty();
}

bool destroy_with_a_permit(const state& before, const command& what, const response&, const state&) {
  return is<semaphore::destroy>(what) && !before.semaphore.permits.empty();
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
  const auto* event = as<semaphore::time_out>(what);
  return event != nullptr && said.what == result::withdrawn && granted_but_unheard(before, event->call) &&
         grants(before, after);
}

bool stop_withdraws(const state& before, const command& what, const response& said, const state&) {
  const auto* event = as<semaphore::cancel>(what);
  return event != nullptr && said.what == result::withdrawn && waits(before, event->call);
}

bool unwinding_passes_a_grant_on(const state& before, const command& what, const response& said, const state& after) {
  return is<semaphore::abandon>(what) && said.what == result::released && grants(before, after);
}

bool withdrawal_of_the_head_lets_the_next_pass(const state& before, const command& what, const response&,
                                               const state& after) {
  const auto* event = as<semaphore::time_out>(what);
  return event != nullptr && waits(before, event->call) && grants(before, after);
}

bool raising_grants(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::set_limit>(what) && after.semaphore.limit > before.semaphore.limit && grants(before, after);
}

bool raising_grants_two(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::set_limit>(what) && newly_granted(before, after).size() > 1;
}

bool lowering_refuses_the_large(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::set_limit>(what) && after.semaphore.unheard.size() > before.semaphore.unheard.size() &&
         after.semaphore.limit < before.semaphore.limit;
}

bool lowering_lets_the_small_pass(const state& before, const command& what, const response&, const state& after) {
  return is<semaphore::set_limit>(what) && after.semaphore.limit < before.semaphore.limit && grants(before, after);
}

// Rest and deadlock
// ----------------------------------------------------------------------------------------------------

bool nobody_waits(const state& s) { return s.semaphore.queue.empty() && s.semaphore.unheard.empty(); }

/// A decided call returns, a deadline comes, and whoever holds a permit and lives gives it back one day.
bool comes_of_itself(const state& s, const command& what) {
  if (is<semaphore::answer>(what)) return true;
  if (const auto* event = as<semaphore::time_out>(what)) return waits(s, event->call);
  const auto* given_back = as<semaphore::release>(what);
  const auto* permit = given_back != nullptr ? s.semaphore.permits.find(given_back->call) : nullptr;
  return permit != nullptr && !s.semaphore.dead.contains(permit->owner);
}

void add_invariants(claims& all) {
  all.invariants = {
      {"S3: the head of the queue does not fit", head_does_not_fit},
      {"S3: every waiter can fit the limit", waiters_can_fit},
      {"S5: each call waits, is decided, or is over: one of them", each_call_is_in_one_place},
      {"S5: each permit is in somebody's hand or on its way there", each_permit_is_in_a_hand},
      {"S6: the dead hold nothing", the_dead_hold_nothing},
      {"S6: the dead wait for nothing", the_dead_wait_for_nothing},
      {"nobody waits at a closed semaphore", nobody_waits_at_a_closed_one},
      {"a destroyed semaphore holds nothing", a_destroyed_one_holds_nothing},
  };
  all.step_invariants = {
      {"S1: an observer shows what live permits account for, and changes nothing", an_observer_says_what_is},
      {"S2: the count rises within the limit only", count_rises_within_the_limit},
      {"S1: lowering the limit revokes nothing", lowering_revokes_nothing},
      {"S4: a waiter is overtaken by nobody", nobody_is_overtaken},
      {"S4: the queue keeps its order", queue_keeps_its_order},
      {"S5: a waiting call is not forgotten", a_waiting_call_is_not_forgotten},
      {"S5: an outcome is final", an_outcome_is_final},
      {"S5: an answer says what was decided, once", answers_say_what_was_decided},
      {"S5: every outcome has its cause; no time-out without a deadline", outcomes_have_their_cause},
      {"S5: a withdrawn call gets no permit", a_withdrawn_call_gets_no_permit},
      {"S6: a permit ends for a reason, once", a_permit_ends_for_a_reason},
      {"S6: an owner changes by transfer alone", an_owner_changes_by_transfer},
      {"a transfer does what it says", a_transfer_does_what_it_says},
      {"a release frees its own permit or nothing", released_means_ended},
      {"closed is closed for good, and grants nothing", closed_for_good},
      {"closing revokes nothing", closing_revokes_nothing},
      {"a new call is answered by the rules", a_new_call_is_answered_by_the_rules},
      {"limit, deaths and the end change by their own commands alone", an_event_happens},
  };
}

/// Landmarks that every scope with two tasks and two calls must reach, and those that need a larger one.
void add_landmarks(claims& all, const counting_semaphore_bounds& bounds) {
  const bool room_for_three = bounds.tasks >= 3 && bounds.calls >= 3;
  const bool weights = bounds.max_weight >= 2 && bounds.max_limit >= 2;
  const bool limits = bounds.max_limit >= 2;
  const bool deaths = bounds.deaths >= 1;

  all.reach_if(limits, "more in use than the limit, after a lowering", above_the_limit);
  all.reach_if(limits && bounds.calls >= 3, "somebody waits while more is in use than the limit",
               waits_above_the_limit);
  all.reach_if(weights && bounds.calls >= 3, "a large head holds up a small one that would fit",
               large_head_blocks_a_small_one);
  all.reach_if(limits, "nested permits of one task", one_task_holds_two);
  all.reach_if(bounds.ends, "closed, and a permit still valid", closed_with_a_permit);
  all.reach_if(true, "granted before the deadline, and not yet told", grant_before_the_deadline_unheard);

  all.step_if(true, "a release hands over to the next", release_hands_over);
  all.step_if(deaths, "the death of a holder hands over to the next", death_of_a_holder_hands_over);
  all.step_if(deaths && weights && bounds.calls >= 3, "the death of a large head lets a small one pass",
              death_of_the_head_lets_the_next_pass);
  all.step_if(deaths && room_for_three && bounds.calls >= 4, "a death in the middle of the queue",
              death_in_the_middle_of_the_queue);
  all.step_if(deaths && limits, "a death frees two permits", death_frees_two);
  all.step_if(deaths, "a death after the grant and before the answer", death_of_the_granted_before_it_heard);
  all.step_if(bounds.transfers, "a transfer to the living", transfer_to_the_living);
  all.step_if(bounds.transfers && bounds.tasks >= 2, "a transfer to another owner",
              transferred_permit_outlives_its_first_owner);
  all.step_if(bounds.transfers && deaths, "a transfer to the dead", transfer_to_the_dead);
  all.step_if(true, "a stale release while another permit lives", stale_release_beside_a_live_permit);
  all.step_if(true, "a time-out withdraws a waiter", time_out_withdraws);
  all.step_if(true, "a time-out too late: the grant is kept", time_out_meets_a_grant);
  all.step_if(bounds.calls >= 3, "a time-out meets a grant, which goes to the next", time_out_passes_a_grant_on);
  all.step_if(weights && bounds.calls >= 3, "the time-out of a large head lets a small one pass",
              withdrawal_of_the_head_lets_the_next_pass);
  all.step_if(bounds.stops, "a stop request withdraws a waiter", stop_withdraws);
  all.step_if(bounds.stops && bounds.calls >= 3, "an unwound call passes its grant on", unwinding_passes_a_grant_on);
  all.step_if(limits, "a higher limit grants", raising_grants);
  all.step_if(bounds.max_limit >= 3 && bounds.calls >= 3, "a higher limit grants to two at once", raising_grants_two);
  all.step_if(weights, "a lower limit refuses the large", lowering_refuses_the_large);
  all.step_if(bounds.max_weight >= 3 && bounds.max_limit >= 3 && bounds.calls >= 3,
              "a lower limit refuses a large head and lets a small one pass", lowering_lets_the_small_pass);
  all.step_if(bounds.ends, "a close with waiters", close_with_waiters);
  all.step_if(bounds.ends, "a destruction with a live permit", destroy_with_a_permit);
}

}  // namespace

counting_semaphore_claims counting_semaphore_properties(const counting_semaphore_bounds& bounds) {
  claims all;
  add_invariants(all);
  add_landmarks(all, bounds);
  all.may_rest = nobody_waits;
  all.certain = comes_of_itself;
  return all;
}

}  // namespace wavetank::model

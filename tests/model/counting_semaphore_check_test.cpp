// The counting semaphore's specification, exhaustively in small scopes; and broken variants, each of which must be
// seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/counting_semaphore_scope.h>

namespace wavetank::model::counting_semaphore_check_test {
namespace {

using state = counting_semaphore::state;
using command = counting_semaphore::command;
using result = counting_semaphore::result;

/// Two tasks, three calls, weights and limits up to two, both may die.
counting_semaphore_bounds small_scope() { return {2, 3, 2, 2, 2, true, true, true}; }

template <class Semaphore>
check_report check_scope(const counting_semaphore_bounds& bounds) {
  return check(scope_of<Semaphore>(bounds), counting_semaphore_properties(bounds));
}

TEST(counting_semaphore_model, keeps_every_property_in_a_small_scope) {
  const auto report = check_scope<counting_semaphore>(small_scope());
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 22812U);
}

TEST(counting_semaphore_model, keeps_every_property_with_a_long_queue) {
  // Unit weights leave room for four calls of three tasks: a death in the middle of the queue, two grants at once.
  const counting_semaphore_bounds bounds{3, 4, 1, 3, 1, false, false, false};
  const auto report = check_scope<counting_semaphore>(bounds);
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

/// Applies `Change(before, command, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : counting_semaphore {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    counting_semaphore::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      Change{}(before, what, wrong);
      emit(said, std::as_const(wrong));
    });
  }
};

template <class Command>
const Command* as(const command& what) {
  return std::get_if<Command>(&what);
}

struct death_keeps_the_permits {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::owner_dies>(what) == nullptr) return;
    after = before;
    after.dead.put(as<counting_semaphore::owner_dies>(what)->task, {});
  }
};

struct raising_wakes_nobody {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* raise = as<counting_semaphore::set_limit>(what);
    if (raise == nullptr || raise->limit < before.limit) return;
    after = before;
    after.limit = raise->limit;
  }
};

struct newcomers_overtake {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* newcomer = as<counting_semaphore::request>(what);
    if (newcomer == nullptr || before.queue.empty() || after.queue.size() == before.queue.size()) return;
    if (counting_semaphore::in_use(before) + newcomer->amount > before.limit) return;
    after.queue.pop_back();
    after.permits.put(newcomer->call, {newcomer->task, newcomer->amount});
    after.unheard.put(newcomer->call, {newcomer->task, result::granted, newcomer->waits});
  }
};

struct a_dead_waiter_stays_in_the_queue {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* death = as<counting_semaphore::owner_dies>(what);
    if (death == nullptr) return;
    for (const auto& one : before.queue) {
      if (one.task == death->task) after.queue.insert(after.queue.begin(), one);
    }
  }
};

struct a_time_out_forgets_the_grant {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* event = as<counting_semaphore::time_out>(what);
    if (event == nullptr) return;
    const auto* verdict = before.unheard.find(event->call);
    if (verdict == nullptr || verdict->outcome != result::granted) return;
    after = before;
    after.unheard.find(event->call)->outcome = result::timed_out;
  }
};

struct close_forgets_the_last_waiter {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::close>(what) == nullptr || before.queue.empty()) return;
    after.unheard.erase(before.queue.back().call);
    after.queue.push_back(before.queue.back());
  }
};

struct lowering_revokes {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* change = as<counting_semaphore::set_limit>(what);
    if (change == nullptr || change->limit >= before.limit) return;
    while (counting_semaphore::in_use(after) > after.limit) after.permits.erase(after.permits.begin()->first);
  }
};

struct lowering_leaves_the_too_large_waiting {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* change = as<counting_semaphore::set_limit>(what);
    if (change == nullptr || change->limit >= before.limit) return;
    after = before;
    after.limit = change->limit;
  }
};

struct a_withdrawn_head_leaves_the_next_asleep {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* event = as<counting_semaphore::time_out>(what);
    if (event == nullptr || before.unheard.contains(event->call)) return;
    after = before;
    std::erase_if(after.queue, [&](const auto& one) { return one.call == event->call; });
    if (after.queue.size() == before.queue.size()) return;
    const auto one = std::find_if(before.queue.begin(), before.queue.end(),
                                  [&](const auto& waiter) { return waiter.call == event->call; });
    after.unheard.put(one->call, {one->task, result::timed_out, one->waits});
  }
};

struct a_transfer_keeps_the_old_owner {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* moved = as<counting_semaphore::transfer>(what);
    if (moved == nullptr || !after.permits.contains(moved->call)) return;
    after.permits.put(moved->call, *before.permits.find(moved->call));
  }
};

struct a_transfer_to_the_dead_sticks {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* moved = as<counting_semaphore::transfer>(what);
    if (moved == nullptr || !before.dead.contains(moved->to) || !before.permits.contains(moved->call)) return;
    after = before;
    after.permits.find(moved->call)->owner = moved->to;
  }
};

struct a_stale_release_frees_the_first_permit {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* given_back = as<counting_semaphore::release>(what);
    if (given_back == nullptr || before.permits.contains(given_back->call) || before.permits.empty()) return;
    const call_number victim = before.permits.begin()->first;
    if (before.unheard.contains(victim)) return;
    after.permits.erase(victim);
    counting_semaphore::grant_from_the_head(after);
  }
};

struct a_release_lets_the_permit_lie {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* given_back = as<counting_semaphore::release>(what);
    if (given_back == nullptr) return;
    after = before;
    after.permits.erase(given_back->call);
  }
};

struct the_queue_is_a_stack {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::request>(what) == nullptr || after.queue.size() <= before.queue.size()) return;
    std::rotate(after.queue.begin(), after.queue.end() - 1, after.queue.end());
  }
};

struct closed_semaphores_still_grant {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* attempt = as<counting_semaphore::try_acquire>(what);
    if (attempt == nullptr || !before.closed || counting_semaphore::in_use(before) != 0) return;
    after.permits.put(attempt->call, {attempt->task, attempt->amount});
  }
};

struct attempts_go_above_the_limit {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* attempt = as<counting_semaphore::try_acquire>(what);
    if (attempt == nullptr || before.closed || !before.queue.empty()) return;
    after.permits.put(attempt->call, {attempt->task, attempt->amount});
  }
};

struct looking_frees_a_permit {
  void operator()(const state&, const command& what, state& after) const {
    if (as<counting_semaphore::current>(what) == nullptr || after.permits.empty()) return;
    after.permits.erase(after.permits.begin()->first);
  }
};

struct a_grant_is_told_to_nobody {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::release>(what) == nullptr) return;
    for (const auto& one : before.queue) {
      if (after.permits.contains(one.call)) after.unheard.erase(one.call);
    }
  }
};

struct destruction_keeps_the_permits {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::destroy>(what) != nullptr) after.permits = before.permits;
  }
};

struct a_timed_out_call_is_never_told {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* event = as<counting_semaphore::time_out>(what);
    if (event != nullptr && !before.unheard.contains(event->call)) after.unheard.erase(event->call);
  }
};

struct closing_takes_back_what_nobody_heard {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::close>(what) == nullptr) return;
    for (const auto& [call, verdict] : before.unheard) {
      if (verdict.outcome != result::granted) continue;
      after.permits.erase(call);
      after.unheard.find(call)->outcome = result::closed;
    }
  }
};

struct answers_are_given_again_and_again {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::answer>(what) != nullptr) after.unheard = before.unheard;
  }
};

struct closing_looks_like_a_time_out {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::close>(what) == nullptr) return;
    for (const auto& one : before.queue) after.unheard.find(one.call)->outcome = result::timed_out;
  }
};

struct closing_does_not_last {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::try_acquire>(what) != nullptr && before.closed && !before.destroyed)
      after.closed = false;
  }
};

struct a_release_gives_the_rest_away {
  void operator()(const state&, const command& what, state& after) const {
    const auto* given_back = as<counting_semaphore::release>(what);
    if (given_back == nullptr || after.permits.empty()) return;
    const auto first = *after.permits.begin();
    if (!after.dead.contains(1)) after.permits.put(first.first, {1, first.second.amount});
  }
};

struct a_release_frees_nothing {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<counting_semaphore::release>(what) != nullptr) after = before;
  }
};

/// What the checker must say of a broken variant: the property that fails, and after how many steps at the earliest.
struct expected_story {
  violation_kind kind;
  const char* property;
  std::size_t steps;
};

template <class Change>
void expect_caught(const expected_story& expected) {
  const auto report = check_scope<broken<Change>>(small_scope());
  ASSERT_EQ(report.verdict, check_verdict::violated) << to_text(report);
  const auto& failure = *report.failure;
  EXPECT_EQ(failure.kind, expected.kind) << to_text(failure);
  EXPECT_EQ(failure.property, expected.property) << to_text(failure);
  EXPECT_EQ(failure.story.size(), expected.steps) << to_text(failure);
}

TEST(broken_counting_semaphore, a_permit_that_survives_its_owner_is_seen) {
  expect_caught<death_keeps_the_permits>({violation_kind::invariant, "S6: the dead hold nothing", 2});
}

TEST(broken_counting_semaphore, a_raise_that_wakes_nobody_is_seen) {
  expect_caught<raising_wakes_nobody>({violation_kind::invariant, "S3: the head of the queue does not fit", 4});
}

TEST(broken_counting_semaphore, overtaking_is_seen) {
  expect_caught<newcomers_overtake>({violation_kind::step_invariant, "S4: a waiter is overtaken by nobody", 3});
}

TEST(broken_counting_semaphore, a_dead_waiter_in_the_queue_is_seen) {
  expect_caught<a_dead_waiter_stays_in_the_queue>(
      {violation_kind::invariant, "S3: the head of the queue does not fit", 3});
}

TEST(broken_counting_semaphore, a_grant_lost_to_a_time_out_is_seen) {
  expect_caught<a_time_out_forgets_the_grant>(
      {violation_kind::invariant, "S5: each call waits, is decided, or is over: one of them", 4});
}

TEST(broken_counting_semaphore, a_close_that_misses_a_waiter_is_seen) {
  expect_caught<close_forgets_the_last_waiter>({violation_kind::invariant, "nobody waits at a closed semaphore", 3});
}

TEST(broken_counting_semaphore, a_lowering_that_revokes_is_seen) {
  expect_caught<lowering_revokes>({violation_kind::step_invariant, "S1: lowering the limit revokes nothing", 2});
}

TEST(broken_counting_semaphore, a_waiter_that_can_never_fit_is_seen) {
  expect_caught<lowering_leaves_the_too_large_waiting>(
      {violation_kind::invariant, "S3: every waiter can fit the limit", 3});
}

TEST(broken_counting_semaphore, a_head_that_times_out_and_wakes_nobody_is_seen) {
  expect_caught<a_withdrawn_head_leaves_the_next_asleep>(
      {violation_kind::invariant, "S3: the head of the queue does not fit", 4});
}

TEST(broken_counting_semaphore, a_transfer_without_effect_is_seen) {
  expect_caught<a_transfer_keeps_the_old_owner>({violation_kind::step_invariant, "a transfer does what it says", 2});
}

TEST(broken_counting_semaphore, a_transfer_to_the_dead_that_sticks_is_seen) {
  expect_caught<a_transfer_to_the_dead_sticks>(
      {violation_kind::step_invariant, "S6: an owner changes by transfer alone", 3});
}

TEST(broken_counting_semaphore, a_stale_release_that_frees_another_is_seen) {
  expect_caught<a_stale_release_frees_the_first_permit>(
      {violation_kind::step_invariant, "S6: a permit ends for a reason, once", 4});
}

TEST(broken_counting_semaphore, a_permit_left_to_lie_is_seen) {
  expect_caught<a_release_lets_the_permit_lie>(
      {violation_kind::invariant, "S3: the head of the queue does not fit", 3});
}

TEST(broken_counting_semaphore, last_come_first_served_is_seen) {
  expect_caught<the_queue_is_a_stack>({violation_kind::step_invariant, "S4: the queue keeps its order", 3});
}

TEST(broken_counting_semaphore, a_grant_after_the_close_is_seen) {
  expect_caught<closed_semaphores_still_grant>(
      {violation_kind::step_invariant, "closed is closed for good, and grants nothing", 2});
}

/// Calls `visit` with one value of each planted bug until it returns true; whether it did.
template <class Visit>
bool any_planted_bug(Visit&& visit) {
  return visit(death_keeps_the_permits{}) || visit(raising_wakes_nobody{}) || visit(newcomers_overtake{}) ||
         visit(a_dead_waiter_stays_in_the_queue{}) || visit(a_time_out_forgets_the_grant{}) ||
         visit(close_forgets_the_last_waiter{}) || visit(lowering_revokes{}) ||
         visit(lowering_leaves_the_too_large_waiting{}) || visit(a_withdrawn_head_leaves_the_next_asleep{}) ||
         visit(a_transfer_keeps_the_old_owner{}) || visit(a_transfer_to_the_dead_sticks{}) ||
         visit(a_stale_release_frees_the_first_permit{}) || visit(a_release_lets_the_permit_lie{}) ||
         visit(the_queue_is_a_stack{}) || visit(closed_semaphores_still_grant{}) ||
         visit(attempts_go_above_the_limit{}) || visit(looking_frees_a_permit{}) ||
         visit(a_grant_is_told_to_nobody{}) || visit(destruction_keeps_the_permits{}) ||
         visit(a_timed_out_call_is_never_told{}) || visit(closing_takes_back_what_nobody_heard{}) ||
         visit(answers_are_given_again_and_again{}) || visit(closing_looks_like_a_time_out{}) ||
         visit(closing_does_not_last{}) || visit(a_release_gives_the_rest_away{}) || visit(a_release_frees_nothing{});
}

/// Whether `claims` see some planted bug. The stories are short: a few thousand states hold them all.
bool catch_one(const counting_semaphore_claims& claims) {
  const counting_semaphore_bounds bounds{2, 3, 2, 2, 1, false, true, true};
  const check_budget enough{3000, std::size_t{1} << 30U};
  return any_planted_bug([&]<class Change>(Change) {
    return check(scope_of<broken<Change>>(bounds), claims, enough).verdict == check_verdict::violated;
  });
}

TEST(broken_counting_semaphore, every_claim_alone_catches_one_of_them) {
  const auto all = counting_semaphore_properties(small_scope());
  counting_semaphore_claims alone;
  alone.may_rest = [](const auto&) { return true; };
  for (const auto& claim : all.invariants) {
    alone.invariants = {claim};
    EXPECT_TRUE(catch_one(alone)) << claim.name;
  }
  alone.invariants.clear();
  for (const auto& claim : all.step_invariants) {
    alone.step_invariants = {claim};
    EXPECT_TRUE(catch_one(alone)) << claim.name;
  }
}

TEST(broken_counting_semaphore, each_is_caught_by_all_claims_together) {
  const auto bounds = small_scope();
  const auto claims = counting_semaphore_properties(bounds);
  any_planted_bug([&]<class Change>(Change) {
    const auto report = check(scope_of<broken<Change>>(bounds), claims);
    EXPECT_EQ(report.verdict, check_verdict::violated);
    EXPECT_NE(report.failure->kind, violation_kind::unreachable) << to_text(*report.failure);
    EXPECT_LE(report.failure->story.size(), 6U) << to_text(*report.failure);
    return false;
  });
}

TEST(broken_counting_semaphore, a_leak_without_its_invariant_is_a_deadlock) {
  const auto bounds = small_scope();
  auto claims = counting_semaphore_properties(bounds);
  claims.invariants.clear();
  claims.step_invariants.clear();
  const auto report = check(scope_of<broken<death_keeps_the_permits>>(bounds), claims);
  ASSERT_EQ(report.verdict, check_verdict::violated) << to_text(report);
  EXPECT_EQ(report.failure->kind, violation_kind::deadlock);
  EXPECT_EQ(
      to_text(*report.failure),
      "deadlock after 3 steps: something waits and nothing that is certain to come can come\n"
      "  0                                                             0 of 2 in use\n"
      "  1  task 1 tries to take 1 (call #1)               -> granted   1 of 2 in use (#1 x1 of task 1); handles: #1\n"
      "  2  task 1 asks for 2 without a deadline (call #2) -> queued    1 of 2 in use (#1 x1 of task 1); queue: #2 "
      "x2 of task 1; handles: #1\n"
      "  3  task 1 dies                                    -> done      1 of 2 in use (#1 x1 of task 1); queue: #2 "
      "x2 of task 1; dead: task 1; handles: #1\n");
}

}  // namespace
}  // namespace wavetank::model::counting_semaphore_check_test

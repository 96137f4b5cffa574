// The merge semaphore's specification, exhaustively in small scopes; and broken variants, each of which must be seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/merge_semaphore_scope.h>

namespace wavetank::model::merge_semaphore_check_test {
namespace {

using state = merge_semaphore::state;
using command = merge_semaphore::command;
using result = merge_semaphore::result;

/// Two tasks, three calls, two shards, both may die.
merge_semaphore_bounds small_scope() { return {2, 3, 2, 2, true, true, true}; }

TEST(merge_semaphore_model, keeps_every_property_in_a_small_scope) {
  const auto bounds = small_scope();
  const auto report = check(scope_of(bounds), merge_semaphore_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(merge_semaphore_model, keeps_every_property_with_three_tasks) {
  const merge_semaphore_bounds bounds{};
  const auto report = check(scope_of(bounds), merge_semaphore_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 48714U);
}

/// Applies `Change(before, command, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : merge_semaphore {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    merge_semaphore::step(before, what, [&](const response& said, const state& right) {
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

struct a_stale_release_frees_the_holder {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::release>(what) == nullptr || !before.queue.empty()) return;
    if (before.holder && !before.unheard.contains(before.holder->generation)) after.holder.reset();
  }
};

struct anybody_releases_by_name {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* one = as<merge_semaphore::release_by_name>(what);
    if (one == nullptr || !before.queue.empty() || !before.holder) return;
    if (before.holder->shard == one->shard && !before.unheard.contains(before.holder->generation)) after.holder.reset();
  }
};

struct a_holder_may_enter_again {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* attempt = as<merge_semaphore::acquire>(what);
    if (attempt == nullptr || before.closed || !before.holder || before.holder->owner != attempt->task) return;
    after.holder = merge_semaphore::hold{attempt->call, attempt->task, attempt->shard};
  }
};

struct a_death_leaks_the_hold {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::owner_dies>(what) == nullptr) return;
    after = before;
    after.dead.put(as<merge_semaphore::owner_dies>(what)->task, {});
  }
};

struct a_death_frees_whoever_holds {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::owner_dies>(what) == nullptr || !before.queue.empty()) return;
    after.holder.reset();
    after.unheard.clear();
  }
};

struct a_release_wakes_nobody {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::release>(what) == nullptr || before.queue.empty()) return;
    if (after.holder == before.holder) return;
    after = before;
    after.holder.reset();
  }
};

struct the_last_waiter_is_served_first {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::release>(what) == nullptr || before.queue.size() < 2 || after.holder == before.holder)
      return;
    after = before;
    const auto last = after.queue.back();
    after.queue.pop_back();
    after.holder = merge_semaphore::hold{last.call, last.task, last.shard};
    after.unheard.put(last.call, {last.task, result::granted, last.waits});
  }
};

struct newcomers_join_at_the_head {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::request>(what) == nullptr || after.queue.size() <= before.queue.size()) return;
    std::rotate(after.queue.begin(), after.queue.end() - 1, after.queue.end());
  }
};

struct a_dead_waiter_is_still_served {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* death = as<merge_semaphore::owner_dies>(what);
    if (death == nullptr || !after.holder) return;
    for (const auto& one : before.queue) {
      if (one.task == death->task && one.call != after.holder->generation) after.queue.push_back(one);
    }
  }
};

struct a_time_out_forgets_the_grant {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* event = as<merge_semaphore::time_out>(what);
    if (event == nullptr) return;
    const auto* verdict = before.unheard.find(event->call);
    if (verdict == nullptr || verdict->outcome != result::granted) return;
    after = before;
    after.unheard.find(event->call)->outcome = result::timed_out;
  }
};

struct a_timed_out_call_is_never_told {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* event = as<merge_semaphore::time_out>(what);
    if (event != nullptr && !before.unheard.contains(event->call)) after.unheard.erase(event->call);
  }
};

struct a_grant_is_told_to_nobody {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::release>(what) == nullptr || before.queue.empty() || !after.holder) return;
    after.unheard.erase(after.holder->generation);
  }
};

struct close_forgets_the_last_waiter {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::close>(what) == nullptr || before.queue.empty()) return;
    after.unheard.erase(before.queue.back().call);
    after.queue.push_back(before.queue.back());
  }
};

struct close_ends_the_hold {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::close>(what) == nullptr || !before.unheard.empty()) return;
    after.holder.reset();
  }
};

struct close_takes_back_what_nobody_heard {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::close>(what) == nullptr || !before.holder) return;
    if (auto* verdict = after.unheard.find(before.holder->generation)) {
      verdict->outcome = result::closed;
      after.holder.reset();
    }
  }
};

struct close_looks_like_a_time_out {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::close>(what) == nullptr) return;
    for (const auto& one : before.queue) after.unheard.find(one.call)->outcome = result::timed_out;
  }
};

struct a_closed_one_opens_again {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::acquire>(what) != nullptr && before.closed && !before.destroyed) after.closed = false;
  }
};

struct destruction_keeps_the_hold {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::destroy>(what) != nullptr) after.holder = before.holder;
  }
};

struct a_transfer_forgets_the_shard {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::transfer>(what) != nullptr && after.holder && after.holder != before.holder) {
      after.holder->shard = 1;
    }
  }
};

struct a_transfer_to_the_dead_sticks {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* moved = as<merge_semaphore::transfer>(what);
    if (moved == nullptr || !before.dead.contains(moved->to) || !before.holder) return;
    if (before.holder->generation != moved->call) return;
    after = before;
    after.holder->owner = moved->to;
  }
};

struct answers_are_given_again_and_again {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::answer>(what) != nullptr) after.unheard = before.unheard;
  }
};

struct looking_frees {
  void operator()(const state&, const command& what, state& after) const {
    if (as<merge_semaphore::status>(what) != nullptr && after.queue.empty() && after.unheard.empty()) {
      after.holder.reset();
    }
  }
};

struct an_attempt_takes_over {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* attempt = as<merge_semaphore::acquire>(what);
    if (attempt == nullptr || before.queue.empty() || before.unheard.contains(before.holder->generation)) return;
    after.holder = merge_semaphore::hold{attempt->call, attempt->task, attempt->shard};
  }
};

struct a_hold_drifts_to_another_shard {
  void operator()(const state& before, const command& what, state& after) const {
    if (as<merge_semaphore::release>(what) != nullptr && after.holder && after.holder == before.holder) {
      after.holder->shard = 2;
    }
  }
};

struct a_closed_one_takes_requests {
  void operator()(const state& before, const command& what, state& after) const {
    const auto* call = as<merge_semaphore::request>(what);
    if (call == nullptr || !before.closed || before.holder) return;
    after.holder = merge_semaphore::hold{call->call, call->task, call->shard};
  }
};

template <class Visit>
bool any_planted_bug(Visit&& visit) {
  return visit(a_stale_release_frees_the_holder{}) || visit(anybody_releases_by_name{}) ||
         visit(a_holder_may_enter_again{}) || visit(a_death_leaks_the_hold{}) || visit(a_death_frees_whoever_holds{}) ||
         visit(a_release_wakes_nobody{}) || visit(the_last_waiter_is_served_first{}) ||
         visit(newcomers_join_at_the_head{}) || visit(a_dead_waiter_is_still_served{}) ||
         visit(a_time_out_forgets_the_grant{}) || visit(a_timed_out_call_is_never_told{}) ||
         visit(a_grant_is_told_to_nobody{}) || visit(close_forgets_the_last_waiter{}) || visit(close_ends_the_hold{}) ||
         visit(close_takes_back_what_nobody_heard{}) || visit(close_looks_like_a_time_out{}) ||
         visit(a_closed_one_opens_again{}) || visit(destruction_keeps_the_hold{}) ||
         visit(a_transfer_forgets_the_shard{}) || visit(a_transfer_to_the_dead_sticks{}) ||
         visit(answers_are_given_again_and_again{}) || visit(looking_frees{}) || visit(an_attempt_takes_over{}) ||
         visit(a_hold_drifts_to_another_shard{}) || visit(a_closed_one_takes_requests{});
}

/// Whether `claims` see some planted bug. The stories are short: a few thousand states hold them all.
bool catch_one(const merge_semaphore_claims& claims) {
  const check_budget enough{3000, std::size_t{1} << 30U};
  return any_planted_bug([&]<class Change>(Change) {
    return check(scope_of<broken<Change>>(small_scope()), claims, enough).verdict == check_verdict::violated;
  });
}

TEST(broken_merge_semaphore, every_claim_alone_catches_one_of_them) {
  const auto all = merge_semaphore_properties(small_scope());
  merge_semaphore_claims alone;
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

TEST(broken_merge_semaphore, each_is_caught_by_all_claims_together) {
  const auto bounds = small_scope();
  const auto claims = merge_semaphore_properties(bounds);
  any_planted_bug([&]<class Change>(Change) {
    const auto report = check(scope_of<broken<Change>>(bounds), claims);
    EXPECT_EQ(report.verdict, check_verdict::violated) << to_text(report);
    if (!report.failure) return false;
    EXPECT_NE(report.failure->kind, violation_kind::unreachable) << to_text(*report.failure);
    EXPECT_LE(report.failure->story.size(), 6U) << to_text(*report.failure);
    return false;
  });
}

template <class Change>
violation the_story_of() {
  const auto bounds = small_scope();
  const auto report = check(scope_of<broken<Change>>(bounds), merge_semaphore_properties(bounds));
  return report.failure.value_or(violation{violation_kind::unreachable, "nothing was caught", {}, {}});
}

TEST(broken_merge_semaphore, a_stale_release_that_frees_a_later_hold_has_this_story) {
  EXPECT_EQ(
      to_text(the_story_of<a_stale_release_frees_the_holder>()),
      "violated by step 4: S8: a permit frees its own hold, a stale one nothing\n"
      "  0                                                       free\n"
      "  1  task 1 acquires for shard 1 (call #1) -> granted      held by #1 of task 1 for shard 1; handles: #1\n"
      "  2  task 1 releases shard 1 by name       -> ok           free; handles: #1\n"
      "  3  task 1 acquires for shard 1 (call #2) -> granted      held by #2 of task 1 for shard 1; handles: #1 #2\n"
      "  4  permit #1 is released                 -> not holder   free; handles: #2\n");
}

TEST(broken_merge_semaphore, a_leak_at_death_takes_two_steps) {
  const auto story = the_story_of<a_death_leaks_the_hold>();
  EXPECT_EQ(story.property, "S6: the dead hold nothing");
  EXPECT_EQ(story.story.size(), 2U);
}

TEST(broken_merge_semaphore, a_release_that_wakes_nobody_takes_three_steps) {
  const auto story = the_story_of<a_release_wakes_nobody>();
  EXPECT_EQ(story.property, "S3: nobody waits for a free semaphore");
  EXPECT_EQ(story.story.size(), 3U);
}

TEST(broken_merge_semaphore, a_waiter_served_out_of_turn_takes_four_steps) {
  const auto story = the_story_of<the_last_waiter_is_served_first>();
  EXPECT_EQ(story.property, "S4: a waiter is overtaken by nobody");
  EXPECT_EQ(story.story.size(), 4U);
}

}  // namespace
}  // namespace wavetank::model::merge_semaphore_check_test

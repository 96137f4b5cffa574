// The rules of the counting semaphore, one by one, on the model: each test is a run that the specification allows.
#include <gtest/gtest.h>

#include <wavetank/model/counting_semaphore.h>
#include <wavetank/model/lockstep.h>

namespace wavetank::model::counting_semaphore_rules_test {
namespace {

using semaphore = counting_semaphore;
using enum counting_semaphore::result;

/// A run of the specification under test: says what is allowed to a command, and goes on with it.
class run {
 public:
  explicit run(semaphore::weight limit) : judge_(semaphore{limit}) {}

  /// The command is answered by `expected`, and by nothing else.
  void only(const semaphore::command& what, semaphore::response expected) {
    EXPECT_EQ(judge_.allowed(what), std::vector<semaphore::response>{expected}) << describe(what);
    if (const auto refused = judge_.observe(what, expected)) FAIL() << describe(*refused);
  }
  void only(const semaphore::command& what, semaphore::result expected) { only(what, semaphore::response{expected}); }
  void shows(const semaphore::command& what, std::uint64_t number) { only(what, semaphore::response{value, number}); }

  /// The command may be answered by `chosen`, among others, and is.
  void choose(const semaphore::command& what, semaphore::result chosen) {
    if (const auto refused = judge_.observe(what, semaphore::response{chosen})) FAIL() << describe(*refused);
  }

  void disabled(const semaphore::command& what) { EXPECT_TRUE(judge_.allowed(what).empty()) << describe(what); }

 private:
  lockstep<semaphore> judge_;
};

TEST(counting_semaphore_rules, an_attempt_is_granted_while_it_fits) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 2}, granted);
  r.only(semaphore::try_acquire{2, 1, 1}, busy);
  r.shows(semaphore::current{}, 2);
}

TEST(counting_semaphore_rules, an_attempt_is_busy_while_somebody_waits) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 2, patience::forever}, queued);
  r.only(semaphore::try_acquire{3, 3, 1}, busy);
  r.only(semaphore::request{3, 3, 1, patience::one_attempt}, timed_out);
}

TEST(counting_semaphore_rules, refusals_have_an_order) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 3}, too_large);
  r.only(semaphore::close{}, done);
  r.only(semaphore::try_acquire{1, 1, 3}, closed);
  r.only(semaphore::try_acquire{1, 1, 0}, zero_weight);
  r.only(semaphore::request{1, 1, 0, patience::forever}, zero_weight);
}

TEST(counting_semaphore_rules, a_limit_of_zero_is_refused_and_changes_nothing) {
  run r{2};
  r.only(semaphore::set_limit{0}, zero_limit);
  r.shows(semaphore::limit{}, 2);
}

TEST(counting_semaphore_rules, a_released_permit_is_handed_to_the_head) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.disabled(semaphore::answer{2});
  r.only(semaphore::release{1}, released);
  r.shows(semaphore::current{}, 1);
  r.only(semaphore::answer{2}, granted);
  r.disabled(semaphore::answer{3});
  r.shows(semaphore::waiting{}, 1);
}

TEST(counting_semaphore_rules, a_large_request_at_the_head_is_not_passed_by_small_ones) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 2, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.disabled(semaphore::answer{3});
  r.only(semaphore::release{1}, released);
  r.only(semaphore::answer{2}, granted);
  r.disabled(semaphore::answer{3});
}

TEST(counting_semaphore_rules, a_withdrawn_head_lets_the_next_pass_at_once) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 2, patience::until_deadline}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.only(semaphore::time_out{2}, withdrawn);
  r.only(semaphore::answer{3}, granted);
  r.only(semaphore::answer{2}, timed_out);
}

TEST(counting_semaphore_rules, a_time_out_that_meets_a_grant_keeps_it_or_passes_it_on) {
  for (const auto outcome : {too_late, withdrawn}) {
    run r{1};
    r.only(semaphore::try_acquire{1, 1, 1}, granted);
    r.only(semaphore::request{2, 2, 1, patience::until_deadline}, queued);
    r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
    r.only(semaphore::release{1}, released);
    r.choose(semaphore::time_out{2}, outcome);
    r.only(semaphore::answer{2}, outcome == too_late ? granted : timed_out);
    r.shows(semaphore::current{}, 1);
    r.shows(semaphore::waiting{}, outcome == too_late ? 1 : 0);
  }
}

TEST(counting_semaphore_rules, a_call_without_a_deadline_never_times_out) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.disabled(semaphore::time_out{2});
}

TEST(counting_semaphore_rules, a_time_out_after_the_answer_is_too_late) {
  run r{1};
  r.only(semaphore::request{1, 1, 1, patience::until_deadline}, granted);
  r.only(semaphore::time_out{1}, too_late);
  r.shows(semaphore::valid{1}, 1);
}

TEST(counting_semaphore_rules, a_stop_request_withdraws_a_waiter) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::cancel{2}, withdrawn);
  r.only(semaphore::answer{2}, cancelled);
  r.disabled(semaphore::answer{2});
}

TEST(counting_semaphore_rules, an_unwound_call_leaves_no_trace) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.only(semaphore::release{1}, released);
  r.only(semaphore::abandon{2}, released);
  r.disabled(semaphore::answer{2});
  r.only(semaphore::abandon{2}, nothing);
  r.only(semaphore::abandon{3}, released);
  r.shows(semaphore::current{}, 0);
}

TEST(counting_semaphore_rules, a_second_release_does_nothing) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::release{1}, released);
  r.only(semaphore::try_acquire{2, 2, 1}, granted);
  r.only(semaphore::release{1}, nothing);
  r.shows(semaphore::current{}, 1);
}

TEST(counting_semaphore_rules, nested_permits_are_separate) {
  run r{3};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::try_acquire{2, 1, 2}, granted);
  r.only(semaphore::holders{}, semaphore::response{value, 2, {{1, 1}, {1, 2}}});
  r.only(semaphore::release{1}, released);
  r.only(semaphore::holders{}, semaphore::response{value, 1, {{1, 2}}});
}

TEST(counting_semaphore_rules, a_death_releases_everything_once_and_withdraws_its_waiters) {
  run r{3};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::try_acquire{2, 1, 2}, granted);
  r.only(semaphore::request{3, 2, 1, patience::forever}, queued);
  r.only(semaphore::request{4, 3, 1, patience::forever}, queued);
  r.only(semaphore::owner_dies{2}, done);
  r.shows(semaphore::waiting{}, 1);
  r.only(semaphore::owner_dies{1}, done);
  r.only(semaphore::answer{4}, granted);
  r.shows(semaphore::current{}, 1);
  r.shows(semaphore::valid{1}, 0);
  r.only(semaphore::release{1}, nothing);
  r.only(semaphore::owner_dies{1}, nothing);
  r.disabled(semaphore::try_acquire{5, 1, 1});
}

TEST(counting_semaphore_rules, a_transferred_permit_ends_with_its_new_owner) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::transfer{1, 2}, transferred);
  r.only(semaphore::owner_dies{1}, done);
  r.shows(semaphore::valid{1}, 1);
  r.only(semaphore::owner_dies{2}, done);
  r.shows(semaphore::valid{1}, 0);
}

TEST(counting_semaphore_rules, a_transfer_to_the_dead_releases) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::owner_dies{2}, done);
  r.only(semaphore::transfer{1, 2}, released);
  r.only(semaphore::transfer{1, 3}, nothing);
  r.shows(semaphore::current{}, 0);
}

TEST(counting_semaphore_rules, raising_the_limit_grants_to_all_who_now_fit) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.only(semaphore::request{4, 4, 1, patience::forever}, queued);
  r.only(semaphore::set_limit{3}, done);
  r.only(semaphore::answer{2}, granted);
  r.only(semaphore::answer{3}, granted);
  r.disabled(semaphore::answer{4});
}

TEST(counting_semaphore_rules, lowering_the_limit_revokes_nothing_and_drains) {
  run r{2};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::try_acquire{2, 2, 1}, granted);
  r.only(semaphore::set_limit{1}, done);
  r.shows(semaphore::current{}, 2);
  r.only(semaphore::release{1}, released);
  r.only(semaphore::try_acquire{3, 3, 1}, busy);
  r.only(semaphore::release{2}, released);
  r.only(semaphore::try_acquire{3, 3, 1}, granted);
}

TEST(counting_semaphore_rules, lowering_the_limit_refuses_who_can_no_longer_fit) {
  run r{3};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 3, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 1, patience::forever}, queued);
  r.only(semaphore::set_limit{2}, done);
  r.only(semaphore::answer{2}, too_large);
  r.only(semaphore::answer{3}, granted);
}

TEST(counting_semaphore_rules, close_refuses_the_waiters_and_leaves_the_permits) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::close{}, done);
  r.only(semaphore::close{}, done);
  r.only(semaphore::answer{2}, closed);
  r.shows(semaphore::valid{1}, 1);
  r.only(semaphore::release{1}, released);
  r.only(semaphore::try_acquire{3, 3, 1}, closed);
}

TEST(counting_semaphore_rules, destruction_leaves_handles_invalid) {
  run r{1};
  r.only(semaphore::try_acquire{1, 1, 1}, granted);
  r.only(semaphore::request{2, 2, 1, patience::forever}, queued);
  r.only(semaphore::destroy{}, done);
  r.only(semaphore::answer{2}, closed);
  r.shows(semaphore::valid{1}, 0);
  r.only(semaphore::release{1}, nothing);
  r.disabled(semaphore::try_acquire{3, 3, 1});
}

TEST(counting_semaphore_rules, a_whole_call_is_enabled_where_it_can_be_answered) {
  run r{1};
  r.choose(semaphore::acquire{1, 1, 1, patience::forever}, granted);
  EXPECT_EQ(lockstep<semaphore>(semaphore{1}).allowed(semaphore::acquire{1, 1, 1, patience::forever}),
            (std::vector<semaphore::response>{{granted}, {cancelled}}));
  r.choose(semaphore::acquire{2, 2, 1, patience::until_deadline}, timed_out);
  r.only(semaphore::acquire{3, 3, 1, patience::forever}, cancelled);
}

TEST(counting_semaphore_rules, weights_near_the_largest_number_do_not_wrap) {
  const semaphore::weight largest = ~semaphore::weight{0};
  run r{largest};
  r.only(semaphore::try_acquire{1, 1, largest}, granted);
  r.only(semaphore::request{2, 2, 2, patience::forever}, queued);
  r.disabled(semaphore::answer{2});
  r.only(semaphore::try_acquire{3, 3, 1}, busy);
}

}  // namespace
}  // namespace wavetank::model::counting_semaphore_rules_test

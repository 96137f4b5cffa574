// The rules of the merge semaphore: its table row by row, then what it shares with the counting semaphore.
#include <gtest/gtest.h>

#include <wavetank/model/lockstep.h>
#include <wavetank/model/merge_semaphore.h>

namespace wavetank::model::merge_semaphore_rules_test {
namespace {

using semaphore = merge_semaphore;
using enum merge_semaphore::result;

class run {
 public:
  /// The command is answered by `expected`, and by nothing else.
  void only(const semaphore::command& what, semaphore::result expected, std::uint64_t number = 0) {
    const semaphore::response said{expected, number};
    EXPECT_EQ(judge_.allowed(what), std::vector<semaphore::response>{said}) << describe(what);
    if (const auto refused = judge_.observe(what, said)) FAIL() << describe(*refused);
  }
  void choose(const semaphore::command& what, semaphore::result chosen) {
    if (const auto refused = judge_.observe(what, semaphore::response{chosen})) FAIL() << describe(*refused);
  }
  void disabled(const semaphore::command& what) { EXPECT_TRUE(judge_.allowed(what).empty()) << describe(what); }

 private:
  lockstep<semaphore> judge_{semaphore{}};
};

TEST(merge_semaphore_rules, a_free_semaphore_is_granted) {
  run r;
  r.only(semaphore::status{}, free);
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::status{}, held, 7);
}

TEST(merge_semaphore_rules, a_held_one_is_busy_with_its_shard_for_its_holder_too) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::acquire{2, 2, 8}, busy, 7);
  r.only(semaphore::acquire{3, 1, 7}, busy, 7);
}

TEST(merge_semaphore_rules, its_permit_frees_it) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::release{1}, ok);
  r.only(semaphore::status{}, free);
}

TEST(merge_semaphore_rules, an_older_permit_never_frees_a_later_hold) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::release{1}, ok);
  r.only(semaphore::acquire{2, 1, 7}, granted);
  r.only(semaphore::release{1}, not_holder);
  r.only(semaphore::status{}, held, 7);
}

TEST(merge_semaphore_rules, its_owner_frees_it_by_name) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::release_by_name{1, 7}, ok);
  r.only(semaphore::release{1}, not_holder);
}

TEST(merge_semaphore_rules, another_shard_or_another_task_is_not_the_holder) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::release_by_name{1, 8}, not_holder);
  r.only(semaphore::release_by_name{2, 7}, not_holder);
  r.only(semaphore::status{}, held, 7);
}

TEST(merge_semaphore_rules, nobody_holds_a_free_one) {
  run r;
  r.only(semaphore::release_by_name{1, 7}, not_holder);
  r.only(semaphore::release{1}, not_holder);
}

TEST(merge_semaphore_rules, the_death_of_the_holder_frees_it) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::owner_dies{1}, done);
  r.only(semaphore::status{}, free);
  r.only(semaphore::acquire{2, 2, 8}, granted);
  r.only(semaphore::release{1}, not_holder);
  r.only(semaphore::status{}, held, 8);
}

TEST(merge_semaphore_rules, those_who_wait_are_served_in_their_order) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::request{2, 2, 8, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 9, patience::forever}, queued);
  r.only(semaphore::waiting{}, value, 2);
  r.only(semaphore::owner_dies{1}, done);
  r.only(semaphore::status{}, held, 8);
  r.disabled(semaphore::answer{3});
  r.only(semaphore::answer{2}, granted);
  r.only(semaphore::release_by_name{2, 8}, ok);
  r.only(semaphore::answer{3}, granted);
}

TEST(merge_semaphore_rules, one_attempt_does_not_wait) {
  run r;
  r.only(semaphore::request{1, 1, 7, patience::one_attempt}, granted);
  r.only(semaphore::request{2, 2, 8, patience::one_attempt}, timed_out);
}

TEST(merge_semaphore_rules, a_time_out_withdraws_a_waiter) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::request{2, 2, 8, patience::until_deadline}, queued);
  r.only(semaphore::time_out{2}, withdrawn);
  r.only(semaphore::answer{2}, timed_out);
  r.only(semaphore::release{1}, ok);
  r.only(semaphore::status{}, free);
}

TEST(merge_semaphore_rules, a_time_out_that_meets_a_grant_keeps_it_or_passes_it_on) {
  for (const auto outcome : {too_late, withdrawn}) {
    run r;
    r.only(semaphore::acquire{1, 1, 7}, granted);
    r.only(semaphore::request{2, 2, 8, patience::until_deadline}, queued);
    r.only(semaphore::request{3, 3, 9, patience::forever}, queued);
    r.only(semaphore::release{1}, ok);
    r.choose(semaphore::time_out{2}, outcome);
    r.only(semaphore::answer{2}, outcome == too_late ? granted : timed_out);
    r.only(semaphore::status{}, held, outcome == too_late ? 8 : 9);
  }
}

TEST(merge_semaphore_rules, a_stop_request_withdraws_and_unwinding_passes_on) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::request{2, 2, 8, patience::forever}, queued);
  r.only(semaphore::request{3, 3, 9, patience::forever}, queued);
  r.only(semaphore::cancel{2}, withdrawn);
  r.only(semaphore::answer{2}, cancelled);
  r.only(semaphore::release{1}, ok);
  r.only(semaphore::abandon{3}, ok);
  r.only(semaphore::status{}, free);
}

TEST(merge_semaphore_rules, a_transferred_permit_ends_with_its_new_owner) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::transfer{1, 2}, transferred);
  r.only(semaphore::release_by_name{1, 7}, not_holder);
  r.only(semaphore::owner_dies{1}, done);
  r.only(semaphore::valid{1}, value, 1);
  r.only(semaphore::owner_dies{2}, done);
  r.only(semaphore::valid{1}, value, 0);
  r.only(semaphore::transfer{1, 3}, nothing);
}

TEST(merge_semaphore_rules, a_transfer_to_the_dead_releases) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::owner_dies{2}, done);
  r.only(semaphore::transfer{1, 2}, released);
  r.only(semaphore::status{}, free);
}

TEST(merge_semaphore_rules, close_refuses_the_waiters_and_leaves_the_hold) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::request{2, 2, 8, patience::forever}, queued);
  r.only(semaphore::close{}, done);
  r.only(semaphore::answer{2}, closed);
  r.only(semaphore::status{}, held, 7);
  r.only(semaphore::acquire{3, 3, 9}, closed);
  r.only(semaphore::release{1}, ok);
  r.only(semaphore::request{3, 3, 9, patience::forever}, closed);
}

TEST(merge_semaphore_rules, destruction_leaves_the_handle_invalid) {
  run r;
  r.only(semaphore::acquire{1, 1, 7}, granted);
  r.only(semaphore::destroy{}, done);
  r.only(semaphore::valid{1}, value, 0);
  r.only(semaphore::release{1}, not_holder);
  r.disabled(semaphore::status{});
}

}  // namespace
}  // namespace wavetank::model::merge_semaphore_rules_test

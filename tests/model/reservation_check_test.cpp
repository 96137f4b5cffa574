// The reservations' specification, exhaustively in small scopes; and broken variants, each of which must be seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include <wavetank/model/checker/catalogue.h>
#include <wavetank/model/reservation_scope.h>
#include <wavetank/tests/model/reservation_planted_bugs.h>

namespace wavetank::model::reservation_check_test {
namespace {

/// One key, two tasks of which one may die, every kind of event: what `bugs` need to show.
reservation_bounds small_scope() { return {2, 1, 2, 1, 1, 1, true, true, true, true, true}; }

check_report check_by_name(const char* name) {
  const auto& model = *find_checkable_model(name);
  return model.check(usual_bounds(model), {});
}

TEST(reservation_model, keeps_every_property_with_a_queue_of_waiters) {
  const auto report = check_by_name("reservation_waiters");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 188441U);
  EXPECT_EQ(report.transitions, 3205280U);
}

TEST(reservation_model, keeps_every_property_with_two_claims) {
  const auto report = check_by_name("reservation_claims");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 181909U);
  EXPECT_EQ(report.transitions, 4174487U);
}

TEST(reservation_model, keeps_every_property_with_two_keys) {
  const auto report = check_by_name("reservation_keys");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 265057U);
  EXPECT_EQ(report.transitions, 6225453U);
}

/// Where a scope can show something, it must; where it cannot, that must not count against it.
TEST(reservation_model, every_small_scope_reaches_what_it_claims_to_reach) {
  for (unsigned mask = 0; mask < 64; ++mask) {
    reservation_bounds bounds{1, 1, 1 + (mask & 1U), 1, 0, 1, false, false, false, false, false};
    bounds.inserts = (mask >> 1U & 1U) != 0;
    bounds.evictions = (mask >> 2U & 1U) != 0;
    bounds.rots = (mask >> 3U & 1U) != 0;
    bounds.crashes = (mask >> 4U & 1U) != 0;
    bounds.quota = (mask >> 5U & 1U) != 0;
    const auto report = check(scope_of(bounds), reservation_properties(bounds));
    EXPECT_EQ(report.verdict, check_verdict::holds) << "mask " << mask << "\n" << to_text(report);
  }
}

reservation_scope<broken<reservation>> scope_with(const planted_bug<reservation>& bug,
                                                  const reservation_bounds& bounds) {
  auto scope = scope_of<broken<reservation>>(bounds);
  scope.table.plant = bug.plant;
  return scope;
}

TEST(broken_reservation, each_is_caught_by_all_claims_together) {
  for (const auto& bug : reservation_bugs()) {
    bool caught = false;
    for (const auto& bounds : {small_scope(), reservation_bounds{3, 1, 1, 0, 2, 1, false, true, false, false, false},
                               reservation_bounds{1, 1, 1, 2, 0, 1, true, true, true, false, false},
                               reservation_bounds{1, 2, 1, 1, 0, 0, false, true, false, false, false}}) {
      const check_budget enough{20000, std::size_t{1} << 30U};
      const auto report = check(scope_with(bug, bounds), reservation_properties(bounds), enough);
      caught = report.verdict == check_verdict::violated && report.failure->kind != violation_kind::unreachable;
      if (caught) break;
    }
    EXPECT_TRUE(caught) << bug.name;
  }
}

std::set<std::string> both(const std::set<std::string>& one, const std::set<std::string>& other) {
  std::set<std::string> common;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::inserter(common, common.end()));
  return common;
}

TEST(broken_reservation, every_claim_catches_one_of_them) {
  std::set<std::string> idle;
  const reservation_bounds two_keys{1, 2, 1, 1, 0, 0, false, true, false, false, false};
  const reservation_bounds two_waiters{3, 1, 1, 0, 2, 0, false, false, false, false, false};
  for (const auto& bounds : {small_scope(), two_keys, two_waiters}) {
    std::vector<reservation_scope<broken<reservation>>> planted;
    for (const auto& bug : reservation_bugs()) planted.push_back(scope_with(bug, bounds));
    const auto left = claims_that_see_nothing(scope_of(bounds), planted, reservation_properties(bounds), 3000);
    idle = idle.empty() ? left : both(idle, left);
  }
  EXPECT_EQ(idle, std::set<std::string>{});
}

/// Nobody works for the arbiter: the keys that are adopting stay so.
struct idle : reservation {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    if (!std::holds_alternative<validate>(what)) reservation::step(before, what, emit);
  }
};

TEST(broken_reservation, a_recovery_that_never_comes_is_a_deadlock) {
  const auto report = check(scope_of<idle>(small_scope()), reservation_properties(small_scope()));
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::deadlock);
  EXPECT_EQ(report.failure->story.size(), 2U) << to_text(report);
}

TEST(broken_reservation, a_key_that_is_free_before_the_unlink_takes_five_steps) {
  const auto bugs = reservation_bugs();
  const auto bug = std::find_if(bugs.begin(), bugs.end(), [](const auto& one) {
    return one.name == "an eviction frees the key before the unlink";
  });
  const auto report = check(scope_with(*bug, small_scope()), reservation_properties(small_scope()));
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->property, "R6: every file is indexed, reserved, looked at, or known to the next sweep");
  EXPECT_EQ(report.failure->story.size(), 5U) << to_text(*report.failure);
}

}  // namespace
}  // namespace wavetank::model::reservation_check_test

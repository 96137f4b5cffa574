// The cache index's specification, exhaustively in small scopes; and broken variants, each of which must be seen.
#include <gtest/gtest.h>

#include <set>

#include <wavetank/model/cache_index_scope.h>
#include <wavetank/model/checker/catalogue.h>
#include <wavetank/tests/model/cache_index_planted_bugs.h>

namespace wavetank::model::cache_index_check_test {
namespace {

/// Two keys, sizes and moments, one claim, a quota of three bytes on disk.
cache_index_bounds small_scope() { return {}; }

check_report check_by_name(const char* name) {
  const auto& model = *find_checkable_model(name);
  return model.check(usual_bounds(model), {});
}

TEST(cache_index_model, keeps_every_property_with_two_claims) {
  const auto report = check_by_name("cache_index_claims");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 44843U);
  EXPECT_EQ(report.transitions, 1237883U);
}

TEST(cache_index_model, keeps_every_property_with_three_rows) {
  const auto report = check_by_name("cache_index_order");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
  EXPECT_EQ(report.states, 6965U);
  EXPECT_EQ(report.transitions, 299164U);
}

/// Where a scope can show something, it must; where it cannot, that must not count against it.
TEST(cache_index_model, every_small_scope_reaches_what_it_claims_to_reach) {
  for (std::uint64_t keys = 1; keys <= 2; ++keys) {
    for (std::uint64_t claims = 0; claims <= 1; ++claims) {
      for (std::uint64_t quota = 0; quota <= 2; ++quota) {
        for (std::uint64_t moments = 1; moments <= 2; ++moments) {
          const cache_index_bounds bounds{keys, 1, moments, claims, quota, quota};
          const auto report = check(scope_of(bounds), cache_index_properties(bounds));
          EXPECT_EQ(report.verdict, check_verdict::holds)
              << keys << ' ' << claims << ' ' << quota << ' ' << moments << "\n"
              << to_text(report);
        }
      }
    }
  }
}

cache_index_scope<broken<cache_index>> scope_with(const planted_bug<cache_index>& bug,
                                                  const cache_index_bounds& bounds) {
  auto scope = scope_of<broken<cache_index>>(bounds);
  scope.index.plant = bug.plant;
  return scope;
}

TEST(broken_cache_index, each_is_caught_by_all_claims_together) {
  for (const auto& bug : cache_index_bugs()) {
    bool caught = false;
    for (const auto& bounds : {small_scope(), cache_index_bounds{2, 1, 1, 2, 0, 0}}) {
      const check_budget enough{20000, std::size_t{1} << 30U};
      const auto report = check(scope_with(bug, bounds), cache_index_properties(bounds), enough);
      caught = report.verdict == check_verdict::violated && report.failure->kind != violation_kind::unreachable;
      if (!caught) continue;
      EXPECT_LE(report.failure->story.size(), 6U) << bug.name << "\n" << to_text(*report.failure);
      break;
    }
    EXPECT_TRUE(caught) << bug.name;
  }
}

TEST(broken_cache_index, every_claim_catches_one_of_them) {
  std::vector<cache_index_scope<broken<cache_index>>> planted;
  for (const auto& bug : cache_index_bugs()) planted.push_back(scope_with(bug, small_scope()));
  const auto claims = cache_index_properties(small_scope());
  EXPECT_EQ(claims_that_see_nothing(scope_of(small_scope()), planted, claims, 4000), std::set<std::string>{});
}

}  // namespace
}  // namespace wavetank::model::cache_index_check_test

// The start-up scan's specification, exhaustively in small scopes; and broken variants, each of which must be seen.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include <wavetank/model/checker/catalogue.h>
#include <wavetank/model/directory_scan_scope.h>
#include <wavetank/tests/model/directory_scan_planted_bugs.h>

namespace wavetank::model::directory_scan_check_test {
namespace {

check_report check_by_name(const char* name) {
  const auto& model = *find_checkable_model(name);
  return model.check(usual_bounds(model), {});
}

TEST(directory_scan_model, keeps_every_property_where_calls_fail) {
  const auto report = check_by_name("directory_scan_failures");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(directory_scan_model, keeps_every_property_with_two_damaged_files) {
  const auto report = check_by_name("directory_scan_quarantine");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(directory_scan_model, keeps_every_property_with_two_processes) {
  const auto report = check_by_name("directory_scan_rivals");
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

/// Where a scope can show something, it must; where it cannot, that must not count against it.
TEST(directory_scan_model, every_small_scope_reaches_what_it_claims_to_reach) {
  for (std::uint64_t saves = 0; saves <= 1; ++saves) {
    for (std::uint64_t rots = 0; rots <= 1; ++rots) {
      for (std::uint64_t deaths = 0; deaths <= 3; ++deaths) {
        for (const bool failures : {false, true}) {
          const directory_scan_bounds bounds{1, 1, saves, rots, deaths, false, failures};
          const auto report = check(scope_of(bounds), directory_scan_properties(bounds));
          EXPECT_EQ(report.verdict, check_verdict::holds)
              << saves << ' ' << rots << ' ' << deaths << ' ' << failures << "\n"
              << to_text(report);
        }
      }
    }
  }
}

/// One key and one save: with two deaths; with calls that fail; with a rival besides.
std::vector<directory_scan_bounds> small_scopes() {
  return {{1, 1, 1, 1, 2, false, false}, {1, 1, 1, 1, 1, false, true}, {2, 1, 1, 0, 1, false, true}};
}

directory_scan_scope<broken<directory_scan>> scope_with(const planted_bug<directory_scan>& bug,
                                                        const directory_scan_bounds& bounds) {
  auto scope = scope_of<broken<directory_scan>>(bounds);
  scope.scan.plant = bug.plant;
  return scope;
}

TEST(broken_directory_scan, each_is_caught_by_all_claims_together) {
  for (const auto& bug : directory_scan_bugs()) {
    bool caught = false;
    for (const auto& bounds : small_scopes()) {
      const auto report = check(scope_with(bug, bounds), directory_scan_properties(bounds));
      caught = report.verdict == check_verdict::violated && report.failure->kind != violation_kind::unreachable;
      if (caught) break;
    }
    EXPECT_TRUE(caught) << bug.name;
  }
}

TEST(broken_directory_scan, every_claim_catches_one_of_them) {
  std::set<std::string> known;
  std::set<std::string> caught;
  for (const auto& bounds : small_scopes()) {
    std::vector<directory_scan_scope<broken<directory_scan>>> planted;
    for (const auto& bug : directory_scan_bugs()) planted.push_back(scope_with(bug, bounds));
    const auto claims = directory_scan_properties(bounds);
    const auto idle = claims_that_see_nothing(scope_of(bounds), planted, claims, 20000);
    const auto note = [&](const auto& all) {
      for (const auto& claim : all) {
        known.insert(claim.name);
        if (!idle.contains(claim.name)) caught.insert(claim.name);
      }
    };
    note(claims.invariants);
    note(claims.step_invariants);
  }
  EXPECT_EQ(caught, known);
}

}  // namespace
}  // namespace wavetank::model::directory_scan_check_test

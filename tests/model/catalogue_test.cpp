// The models by name: their usual scopes, and what is said of a wrong bound.
#include <gtest/gtest.h>

#include <set>

#include <wavetank/model/checker/catalogue.h>

namespace wavetank::model::catalogue_test {
namespace {

TEST(model_catalogue, finds_each_model_by_its_name) {
  std::set<std::string> names;
  for (const auto& one : checkable_models()) {
    EXPECT_EQ(find_checkable_model(one.name), &one);
    EXPECT_TRUE(names.insert(one.name).second);
  }
  EXPECT_EQ(find_checkable_model("no such model"), nullptr);
}

TEST(model_catalogue, sets_a_bound) {
  const auto& model = *find_checkable_model("merge_semaphore");
  auto bounds = usual_bounds(model);
  EXPECT_EQ(set_bound(model, bounds, "tasks=2"), std::nullopt);
  EXPECT_EQ(set_bound(model, bounds, "stops=0"), std::nullopt);
  EXPECT_EQ(to_text(model, bounds), "tasks=2 calls=3 shards=2 deaths=2 stops=0 transfers=1 ends=1");
}

TEST(model_catalogue, says_what_is_wrong_with_a_bound_and_changes_nothing) {
  const auto& model = *find_checkable_model("merge_semaphore");
  auto bounds = usual_bounds(model);
  const auto complaint = [&](std::string_view setting) { return set_bound(model, bounds, setting).value_or("none"); };
  EXPECT_EQ(complaint("tasks"), "bound 'tasks' is not of the form NAME=NUMBER");
  EXPECT_EQ(complaint("task=2"),
            "bound 'task=2': merge_semaphore has the bounds tasks, calls, shards, deaths, stops, transfers, ends");
  for (const char* bad :
       {"tasks=", "tasks=x", "tasks=2x", "tasks=-1", "tasks=1", "tasks=7", "tasks=99999999999999999999"}) {
    EXPECT_NE(complaint(bad).find("give a number from 2 to 6"), std::string::npos) << bad;
  }
  EXPECT_EQ(bounds, usual_bounds(model));
}

TEST(model_catalogue, the_bounds_reach_the_scope) {
  const auto& model = *find_checkable_model("counting_semaphore");
  auto bounds = usual_bounds(model);
  for (const char* setting :
       {"tasks=2", "calls=2", "max_weight=1", "max_limit=1", "deaths=1", "stops=0", "transfers=0", "ends=0"}) {
    ASSERT_EQ(set_bound(model, bounds, setting), std::nullopt);
  }
  const auto smallest = model.check(bounds, {});
  EXPECT_EQ(smallest.verdict, check_verdict::holds) << to_text(smallest);
  for (const char* setting :
       {"tasks=3", "calls=3", "max_weight=2", "max_limit=2", "deaths=2", "stops=1", "transfers=1", "ends=1"}) {
    auto larger = bounds;
    ASSERT_EQ(set_bound(model, larger, setting), std::nullopt);
    const auto report = model.check(larger, {});
    EXPECT_EQ(report.verdict, check_verdict::holds) << setting << "\n" << to_text(report);
    EXPECT_GT(report.transitions, smallest.transitions) << setting;
  }
}

/// Where a scope can show something, it must; where it cannot, that must not count against it.
TEST(model_catalogue, every_small_scope_reaches_what_it_claims_to_reach) {
  for (const char* name : {"counting_semaphore", "merge_semaphore"}) {
    const auto& model = *find_checkable_model(name);
    auto bounds = usual_bounds(model);
    bounds["tasks"] = 2;
    bounds["calls"] = 2;
    for (unsigned mask = 0; mask < 16; ++mask) {
      bounds["stops"] = mask & 1U;
      bounds["transfers"] = mask >> 1U & 1U;
      bounds["ends"] = mask >> 2U & 1U;
      bounds["deaths"] = mask >> 3U & 1U;
      const auto report = model.check(bounds, {});
      EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(model, bounds) << "\n" << to_text(report);
    }
  }
}

}  // namespace
}  // namespace wavetank::model::catalogue_test

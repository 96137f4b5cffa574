// Every built-in property holds, reaches what it must, and explores what it says.
#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <vector>

#include <wavetank/props/catalogue.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::props::catalogue_test {
namespace {

std::string told(const sim::campaign_result& r) {
  if (!r.failure) return "";
  std::string text = r.failure->what.message + "\n";
  for (const auto& line : r.failure->smallest.commands) text += "  " + line + "\n";
  return text + r.failure->told;
}

TEST(catalogue, names_are_unique_ordered_and_found) {
  std::string last;
  for (const sim::property* p : catalogue()) {
    EXPECT_LT(last, p->name());
    last = p->name();
    EXPECT_EQ(find_property(p->name()), p);
    EXPECT_FALSE(p->summary().empty());
  }
  EXPECT_FALSE(last.empty());
  EXPECT_EQ(find_property("semaphore"), nullptr);
}

using property = testing::TestWithParam<std::string>;

TEST_P(property, holds_and_reaches_what_it_must) {
  const sim::property& p = *find_property(GetParam());
  sim::campaign_options o;
  o.schedules = 20'000;
  const auto r = sim::run_campaign(p, o);
  EXPECT_FALSE(r.failed()) << told(r);
  EXPECT_EQ(r.executions, o.schedules);
  for (const auto& what : p.must_reach()) EXPECT_GT(r.reached.count(what), 0u) << what;
}

using scope = testing::TestWithParam<std::string>;

TEST_P(scope, is_exhausted) {
  const sim::property& p = *find_property(GetParam());
  sim::campaign_options o;
  o.strategy = "exhaustive";
  o.schedules = 5'000'000;
  const auto r = sim::run_campaign(p, o);
  EXPECT_FALSE(r.failed()) << told(r);
  EXPECT_TRUE(r.exhausted);
  for (const auto& what : p.must_reach()) EXPECT_GT(r.reached.count(what), 0u) << what;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const sim::property* p : catalogue()) names.emplace_back(p->name());
  return names;
}

/// Those with deadlines are larger by far; the main job exhausts them.
std::vector<std::string> small_scopes() {
  std::vector<std::string> names = all_names();
  std::erase_if(names, [](const std::string& name) {
    return !find_property(name)->bounded() || name.find("deadline") != std::string::npos;
  });
  return names;
}

std::string with_underscores(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(every, property, testing::ValuesIn(all_names()), with_underscores);
INSTANTIATE_TEST_SUITE_P(every, scope, testing::ValuesIn(small_scopes()), with_underscores);

TEST(catalogue, commands_of_every_property_read_back) {
  for (const sim::property* p : catalogue()) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto commands = p->generate(seed, 60)->commands();
      const auto read = p->parse(commands);
      ASSERT_TRUE(read) << p->name() << ": " << read.error();
      EXPECT_EQ((*read)->commands(), commands) << p->name();
    }
    EXPECT_FALSE(p->parse(std::vector<std::string>{"a dance"}));
  }
}

/// The sweep is recorded for each key; taken for as many sweeps of every key it would look again at what it just began.
TEST(catalogue, a_sweep_of_all_keys_is_one_step_of_each) {
  const sim::property* lockstep = find_property("cache.reservation.lockstep");
  ASSERT_NE(lockstep, nullptr);
  const auto what = lockstep->parse(std::vector<std::string>{"main reserve #2", "b sleep", "b sweep", "b save #6"});
  ASSERT_TRUE(what) << what.error();
  const sim::scenario_property one("one", [&](sim::world& w) { (*what)->run(w); });
  EXPECT_FALSE(sim::run_campaign(one, {}).failed());
}

}  // namespace
}  // namespace wavetank::props::catalogue_test

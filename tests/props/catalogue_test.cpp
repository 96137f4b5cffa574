// Every built-in property holds, reaches what it must, and explores what it says.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include <wavetank/props/catalogue.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::props {
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

TEST(catalogue, every_property_holds_and_reaches_what_it_must) {
  for (const sim::property* p : catalogue()) {
    sim::campaign_options o;
    o.schedules = 20'000;
    o.jobs = 2;
    const auto r = sim::run_campaign(*p, o);
    EXPECT_FALSE(r.failed()) << p->name() << ": " << told(r);
    EXPECT_EQ(r.executions, o.schedules) << p->name();
    for (const auto& what : p->must_reach()) EXPECT_GT(r.reached.count(what), 0u) << p->name() << ": " << what;
  }
}

TEST(catalogue, scopes_are_exhausted) {
  int scopes = 0;
  for (const sim::property* p : catalogue()) {
    if (!p->bounded() || p->name().find("deadline") != std::string::npos) continue;
    ++scopes;
    sim::campaign_options o;
    o.strategy = "exhaustive";
    o.schedules = 5'000'000;
    const auto r = sim::run_campaign(*p, o);
    EXPECT_FALSE(r.failed()) << p->name() << ": " << told(r);
    EXPECT_TRUE(r.exhausted) << p->name();
    if (p->name() == "cache.save.crash.scan.again") {
      for (const char* what : {"a scan was cut short by a death", "a start was cut short by a loss of power",
                               "a scan was cut short after another", "a whole scan came after one that was cut short",
                               "a damaged file was set aside after a scan was cut short"}) {
        EXPECT_GT(r.reached.count(what), 0u) << what;
      }
    }
    if (p->name().find("semaphore.") != 0) continue;
    EXPECT_GT(r.reached.count("killed while waiting"), 0u) << p->name();
    EXPECT_GT(r.reached.count("timed out while waiting"), 0u) << p->name();
  }
  EXPECT_EQ(scopes, 41);
}

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
}  // namespace wavetank::props

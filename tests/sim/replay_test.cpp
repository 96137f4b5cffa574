// Recording, replaying and shrinking.
#include <gtest/gtest.h>

#include <wavetank/sim/story.h>
#include <wavetank/sim/strategies/pct.h>
#include <wavetank/sim/strategies/random_walk.h>

#include "programs.h"

namespace wavetank::sim::replay_test {
namespace {

/// A bug among much that does not matter: two tasks lose an update, two others keep busy.
void busy_lost_update(world& w) {
  atomic<int> x{0};
  atomic<int> noise{0};
  mutex m;
  runtime::label(x, "counter");
  for (const char* name : {"busy", "idle"}) {
    w.spawn(name, [&] {
      for (int i = 0; i < 6; ++i) {
        const std::unique_lock<mutex> lock(m);
        noise.fetch_add(1);
      }
    });
  }
  for (const char* name : {"a", "b"}) {
    w.spawn(name, [&] {
      for (int i = 0; i < 2; ++i) {
        const int seen = x.load();
        x.store(seen + 1);
      }
    });
  }
  w.join_all();
  w.require(x.load() == 4, "an update was lost");
}

campaign_failure find_failure(const property& p, const std::string& strategy = "random") {
  campaign_options o;
  o.strategy = strategy;
  o.schedules = 5'000;
  auto r = run_campaign(p, o);
  if (!r.failure) throw std::runtime_error("the planted bug was not found");
  return *r.failure;
}

std::size_t deviations(const trace& t) {
  return static_cast<std::size_t>(
      std::count_if(t.decisions.begin(), t.decisions.end(), [](const auto& e) { return !e.decision.calm; }));
}

TEST(shrinking, leaves_the_fewest_preemptions) {
  const scenario_property p("busy", busy_lost_update);
  const auto f = find_failure(p);
  EXPECT_EQ(f.what.kind, verdict_kind::assertion);
  EXPECT_GT(deviations(f.original), 2u);
  // One preemption between a load and its store, and no more.
  EXPECT_EQ(deviations(f.smallest), 1u) << to_text(f.smallest);
}

TEST(shrinking, keeps_the_kind_of_failure) {
  const scenario_property p("two bugs", [](world& w) {
    mutex m;
    mutex n;
    atomic<int> x{0};
    w.spawn("a", [&] {
      const std::unique_lock<mutex> one(m);
      x.store(1);
      const std::unique_lock<mutex> two(n);
    });
    w.spawn("b", [&] {
      const std::unique_lock<mutex> one(n);
      require(x.load() == 0 || m.try_lock() == false, "an easier bug");
      const std::unique_lock<mutex> two(m);
    });
    w.join_all();
  });
  campaign_options o;
  o.strategy = "random";
  o.schedules = 200;
  for (o.seed = 1; o.seed < 20; ++o.seed) {
    const auto r = run_campaign(p, o);
    if (r.failure) {
      EXPECT_EQ(r.failure->original.expected.kind, r.failure->smallest.expected.kind);
    }
  }
}

TEST(replay, strict_replay_of_a_trace_that_went_through_text) {
  const scenario_property p("busy", busy_lost_update);
  const auto f = find_failure(p, "pct(2)");
  for (const trace& t : {f.original, f.smallest}) {
    const auto parsed = parse_trace(to_text(t));
    ASSERT_TRUE(parsed) << parsed.error().line << ": " << parsed.error().message;
    const auto again = replay(p, *parsed, *p.parse({}), false);
    EXPECT_EQ(again.result.what.kind, verdict_kind::assertion) << again.result.what.message;
    EXPECT_EQ(again.result.hash, t.hash);
    EXPECT_EQ(to_text(*parsed), to_text(t));
  }
}

TEST(replay, says_where_an_edited_program_differs_and_goes_on_when_tolerant) {
  const scenario_property p("busy", busy_lost_update);
  const auto f = find_failure(p);
  const scenario_property edited("busy", [](world& w) {
    atomic<int> unrelated{0};
    unrelated.store(1);
    busy_lost_update(w);
  });
  const auto strict = replay(edited, f.smallest, *edited.parse({}), false);
  EXPECT_EQ(strict.result.what.kind, verdict_kind::diverged);
  EXPECT_NE(strict.result.what.message.find("decision"), std::string::npos) << strict.result.what.message;
  const auto tolerant = replay(edited, f.smallest, *edited.parse({}), true);
  EXPECT_EQ(tolerant.result.what.kind, verdict_kind::assertion);
}

TEST(replay, may_diverge_while_everybody_sleeps) {
  const auto sleeps = [](bool edited) {
    return [edited](world& w) {
      atomic<int> unrelated{0};
      if (edited) unrelated.store(1);
      w.spawn("sleeper", [&] { w.runtime().sleep_until(w.runtime().now() + std::chrono::milliseconds(10)); });
      w.join_all();
      require(false, "always");
    };
  };
  scenario one_death;
  one_death.kills = 1;
  const scenario_property p("sleeps", sleeps(false), one_death);
  const auto f = find_failure(p);
  const scenario_property edited("sleeps", sleeps(true), one_death);
  const auto strict = replay(edited, f.original, *edited.parse({}), false);
  EXPECT_EQ(strict.result.what.kind, verdict_kind::diverged) << strict.result.what.message;
}

TEST(replay, a_trace_without_its_last_decisions_is_told_from_a_whole_one) {
  const scenario_property p("busy", busy_lost_update);
  trace t = find_failure(p).smallest;
  t.decisions.pop_back();
  EXPECT_EQ(replay(p, t, *p.parse({}), false).result.what.kind, verdict_kind::diverged);
}

TEST(replay, a_wrong_hash_at_the_end_is_a_divergence) {
  const scenario_property p("busy", busy_lost_update);
  trace t = find_failure(p).smallest;
  t.hash ^= 1;
  EXPECT_EQ(replay(p, t, *p.parse({}), false).result.what.kind, verdict_kind::diverged);
}

TEST(story, names_tasks_objects_and_the_failure) {
  const scenario_property p("busy", busy_lost_update);
  const auto f = find_failure(p);
  EXPECT_NE(f.told.find("load counter = 0"), std::string::npos) << f.told;
  EXPECT_NE(f.told.find("FAILED: assertion: an update was lost"), std::string::npos) << f.told;
}

TEST(determinism, the_same_seed_gives_the_same_hashes) {
  const auto hashes = [](std::uint64_t seed) {
    std::vector<std::uint64_t> all;
    on_world_thread([&] {
      scheduler s;
      random_walk walk;
      const std::function<void()> body = [] {
        world w;
        busy_lost_update(w);
      };
      for (std::uint64_t i = 0; i < 200; ++i) {
        walk.begin(execution_seed(seed, i));
        all.push_back(s.execute(walk, scenario{}, body).hash);
      }
    });
    return all;
  };
  EXPECT_EQ(hashes(1), hashes(1));
  EXPECT_NE(hashes(1), hashes(2));
}

TEST(determinism, the_number_of_jobs_changes_nothing) {
  const scenario_property p("counters", programs::counters(3, 4));
  campaign_options o;
  o.strategy = "mix";
  o.schedules = 4'000;
  const auto one = run_campaign(p, o);
  o.jobs = 2;
  const auto two = run_campaign(p, o);
  EXPECT_EQ(one.executions, two.executions);
  EXPECT_EQ(one.steps, two.steps);
  EXPECT_EQ(one.decisions, two.decisions);
}

TEST(determinism, shards_make_up_the_whole) {
  const scenario_property p("counters", programs::counters(3, 4));
  campaign_options o;
  o.schedules = 3'000;
  const auto whole = run_campaign(p, o);
  std::uint64_t executions = 0;
  std::uint64_t steps = 0;
  o.shard_count = 3;
  for (o.shard_index = 0; o.shard_index < 3; ++o.shard_index) {
    const auto part = run_campaign(p, o);
    executions += part.executions;
    steps += part.steps;
  }
  EXPECT_EQ(executions, whole.executions);
  EXPECT_EQ(steps, whole.steps);
}

TEST(determinism, jobs_agree_on_the_failure) {
  const scenario_property p("busy", busy_lost_update);
  campaign_options o;
  o.schedules = 2'000;
  const auto one = run_campaign(p, o);
  o.jobs = 2;
  const auto two = run_campaign(p, o);
  ASSERT_TRUE(one.failure && two.failure);
  EXPECT_EQ(one.failure->execution, two.failure->execution);
  EXPECT_EQ(to_text(one.failure->smallest), to_text(two.failure->smallest));
}

}  // namespace
}  // namespace wavetank::sim::replay_test

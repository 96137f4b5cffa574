// The gate on simulated schedules: nobody writes under a drained pause, and what is held ends with its owner.
#include <wavetank/impl/batch/sync_gate.h>

#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/runtime.h>
#include <wavetank/sim/scenario_property.h>

#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::sync_gate_test {
namespace {

using gate = sync_gate<sim::runtime>;

void expect_holds(const std::function<void(sim::world&)>& body, const std::string& strategy = "mix",
                  std::uint32_t kills = 0) {
  sim::campaign_options options;
  options.strategy = strategy;
  options.schedules = 20'000;
  sim::scenario budget;
  budget.kills = kills;
  budget.early_timers = 2;
  const auto r = sim::run_campaign(sim::scenario_property("gate", body, budget), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
}

/// Writers and a pauser: under a drained pause nobody is inside.
void writers_and_pauser(sim::world& w) {
  gate g{w.runtime(), 2};
  int inside = 0;
  for (const char* name : {"writer 1", "writer 2"}) {
    w.spawn(name, [&] {
      auto in = g.enter(0);
      ++inside;
      sim::runtime::point("writes");
      --inside;
    });
  }
  w.spawn("pauser", [&] {
    auto pause = g.pause({0});
    if (!g.await_drained(*pause)) return;
    sim::require(inside == 0, "a write is in progress under a drained pause");
    sim::runtime::point("works");
    sim::require(inside == 0, "a write began under a drained pause");
  });
  w.join_all();
  sim::require(g.admissions(0) == 0 && g.pauses(0) == 0, "something is still held");
}

TEST(sync_gate, nobody_is_inside_under_a_drained_pause) {
  expect_holds(writers_and_pauser);
  expect_holds(writers_and_pauser, "exhaustive");
}

TEST(sync_gate, the_dead_hold_nothing) {
  expect_holds([](sim::world& w) {
    gate g{w.runtime(), 1};
    gate::token outlives;
    gate::lease outlives_too;
    w.spawn("writer", [&] { outlives = std::move(*g.enter(0)); });
    w.join_all();
    sim::require(!outlives.valid() && g.admissions(0) == 0, "a dead task is inside");
    w.spawn("pauser", [&] { outlives_too = std::move(*g.pause({0})); });
    w.join_all();
    sim::require(!outlives_too.valid() && g.pauses(0) == 0, "a dead task holds a pause");
    const auto drained = g.await_drained(outlives_too);
    sim::require(!drained && drained.error() == gate_error::pause_lost, "a lost pause was answered ok");
  });
}

TEST(sync_gate, a_lost_pause_is_told_to_who_waits_under_it) {
  expect_holds([](sim::world& w) {
    gate g{w.runtime(), 1};
    auto inside = g.enter(0);
    gate::lease pause;
    w.spawn("pauser", [&] {
      pause = std::move(*g.pause({0}));
      sim::runtime::point("holds");
    });
    w.spawn("waiter", [&] {
      if (!pause.valid()) return;
      const auto drained = g.await_drained(pause);
      sim::require(!drained && drained.error() == gate_error::pause_lost, "drained with somebody inside");
    });
    w.join_all();
  });
}

TEST(sync_gate, a_transferred_admission_ends_with_its_new_owner) {
  expect_holds([](sim::world& w) {
    gate g{w.runtime(), 1};
    gate::token given;
    const task_id keeper = w.spawn("keeper", [&] { sim::runtime::point("keeps"); });
    w.spawn("writer", [&] {
      auto in = g.enter(0);
      in->transfer(w.runtime(), keeper);
      given = std::move(*in);
    });
    w.join_all();
    sim::require(!given.valid() && g.admissions(0) == 0, "the admission outlived its owner");
  });
}

TEST(sync_gate, many_shards_are_entered_without_holding_one) {
  expect_holds([](sim::world& w) {
    gate g{w.runtime(), 2};
    w.spawn("writer", [&] {
      const auto in = g.enter_many({0, 1});
      sim::require(in.has_value(), "not admitted after all resumed");
    });
    w.spawn("pauser", [&] {
      auto second = g.pause({1});
      const auto first = g.pause({0});
      sim::require(g.await_drained(*first).has_value(), "who waits for a shard holds another");
    });
    w.join_all();
  });
}

TEST(sync_gate, pauses_nest_and_a_lease_resumes_its_own) {
  sync_gate<thread_runtime>::time_point past{};
  thread_runtime world;
  sync_gate<thread_runtime> g{world, 1};
  auto outer = g.pause({0});
  auto inner = g.pause({0});
  EXPECT_TRUE(inner->resume());
  EXPECT_FALSE(inner->resume());
  EXPECT_EQ(g.enter(0, past).error(), gate_error::timed_out);
  EXPECT_TRUE(g.await_drained(*outer));
  EXPECT_TRUE(outer->resume());
  EXPECT_TRUE(g.enter(0, past));
  EXPECT_EQ(g.enter(1).error(), gate_error::no_shard);
}

TEST(sync_gate, kills_leave_nothing_behind) {
  expect_holds(
      [](sim::world& w) {
        gate g{w.runtime(), 1};
        for (const char* name : {"writer 1", "writer 2"}) {
          w.spawn(name, [&] {
            const auto in = g.enter(0);
            sim::runtime::point("writes");
          });
        }
        w.spawn("pauser", [&] {
          const auto pause = g.pause({0});
          static_cast<void>(g.await_drained(*pause));
        });
        w.join_all();
        sim::require(g.admissions(0) == 0 && g.pauses(0) == 0, "something is still held");
      },
      "mix", 2);
}

}  // namespace
}  // namespace wavetank::batch_tests::sync_gate_test

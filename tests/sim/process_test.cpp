// A killed process takes no further step that anybody can see, and leaves nothing behind in this program.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/process.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::sim::process_test {
namespace {

using lock_of = std::unique_lock<mutex>;

void expect_passes(std::function<void(world&)> body, scenario budget = {}) {
  for (const char* strategy : {"mix", "exhaustive"}) {
    campaign_options o;
    o.strategy = strategy;
    o.schedules = 300;
    const auto r = run_campaign(scenario_property("test", body, budget), o);
    ASSERT_FALSE(r.failure) << strategy << ": " << r.failure->what.message << '\n' << r.failure->told;
    EXPECT_GT(r.executions, 1u) << strategy;
  }
}

/// Counts itself while it lives.
struct counted {
  explicit counted(int& n) : alive(&n) { ++*alive; }
  counted(const counted&) = delete;
  ~counted() { --*alive; }
  int* alive;
};

/// What the outside of a process sees of it.
struct outside {
  int writes = 0;
  void write() {
    if (!scheduler::here().burying()) ++writes;
  }
};

TEST(process, runs_to_its_end) {
  expect_passes([](world& w) {
    atomic<int> x{0};
    process p("p", [&] { x.fetch_add(1); });
    process q("q", [&] { x.fetch_add(1); });
    p.wait();
    q.wait();
    w.require(x.load() == 2, "both ran");
    w.require(!p.running() && !q.running(), "both ended");
  });
}

TEST(process, when_its_first_task_returns_the_others_die) {
  expect_passes([](world& w) {
    outside disk;
    process p("p", [&] {
      scheduler::here().spawn("daemon", [&] {
        for (;;) runtime::point("works");
      });
      disk.write();
    });
    w.join_all();
    w.require(disk.writes == 1, "the first task wrote");
  });
}

TEST(process, a_killed_one_is_unwound_out_of_sight) {
  expect_passes([](world& w) {
    int alive = 0;
    outside disk;
    atomic<int> progress{0};
    process p("p", [&] {
      const counted here(alive);
      struct at_end {
        outside& o;
        ~at_end() { o.write(); }
      } const writes{disk};
      const auto heap = std::make_unique<counted>(alive);
      for (int i = 0; i < 4; ++i) {
        runtime::point("step");
        progress.fetch_add(1);
      }
    });
    w.spawn("killer", [&] {
      progress.load();
      p.kill();
      const int seen = progress.load();
      w.require(alive == 0, "its objects are destroyed");
      w.require(!p.running(), "it ended");
      w.require(disk.writes <= (seen == 4 ? 1 : 0), "its destructors reach nothing");
      p.wait();
      w.require(progress.load() == seen, "it takes no step after its death");
    });
    w.join_all();
  });
}

TEST(process, every_kind_of_parked_task_is_unwound) {
  expect_passes([](world& w) {
    int alive = 0;
    process p("p", [&] {
      mutex m;
      condition_variable c;
      bool never = false;
      scheduler& s = scheduler::here();
      auto waits = std::make_unique<task_handle>(s.spawn("waits", [&] {
        const counted here(alive);
        lock_of lock(m);
        while (!never) c.wait(lock);
      }));
      auto sleeps = std::make_unique<task_handle>(s.spawn("sleeps", [&] {
        const counted here(alive);
        scheduler::here().sleep_until(scheduler::here().now() + std::chrono::hours(1));
        runtime::point("awake");
      }));
      auto contends = std::make_unique<task_handle>(s.spawn("contends", [&] {
        const counted here(alive);
        for (;;) {
          const lock_of lock(m);
          runtime::point("has it");
        }
      }));
      waits->join();
    });
    w.spawn("killer", [&] {
      for (int i = 0; i < 6; ++i) runtime::point("waits");
      p.kill();
      w.require(alive == 0, "their objects are destroyed");
    });
    w.join_all();
  });
}

TEST(process, others_go_on_and_are_not_disturbed) {
  expect_passes([](world& w) {
    mutex m;
    int count = 0;
    process victim("victim", [] {
      mutex own;
      for (;;) {
        const lock_of lock(own);
        runtime::point("forever");
      }
    });
    process other("other", [&] {
      for (int i = 0; i < 3; ++i) {
        const lock_of lock(m);
        ++count;
      }
    });
    w.spawn("killer", [&] { victim.kill(); });
    w.join_all();
    w.require(count == 3, "the other did its work");
    w.require(w.runtime().now() == time_point{}, "no time has passed");
  });
}

TEST(process, one_that_waits_in_a_destructor_is_given_up) {
  expect_passes([](world& w) {
    process p("p", [&] {
      struct stubborn {
        mutex m;
        condition_variable c;
        // Or the compiler would know that nobody needs the exception any more, and the leak checker that nobody has it.
        volatile bool for_ever = true;
        ~stubborn() {
          lock_of lock(m);
          const death_shelter no_exception_leaves_a_destructor;
          while (for_ever) c.wait(lock);
        }
      };
      const stubborn s;
      runtime::point("lives");
    });
    w.spawn("killer", [&] {
      p.kill();
      w.require(!p.running(), "it counts as ended");
    });
    w.join_all();
  });
}

TEST(process, a_task_can_kill_its_own_process) {
  expect_passes([](world& w) {
    outside disk;
    int alive = 0;
    process p("p", [&] {
      const counted here(alive);
      scheduler::here().spawn("second", [&] {
        const counted there(alive);
        disk.write();
        if (scheduler::here().may_kill()) scheduler::here().kill_process(scheduler::here().self().process);
        disk.write();
      });
      for (;;) runtime::point("works");
    });
    p.wait();
    w.require(disk.writes == 1, "nothing after the death");
    w.require(alive == 0, "all objects are destroyed");
  });
}

TEST(process, a_killed_one_sends_no_death_notices) {
  expect_passes([](world& w) {
    int notices = 0;
    std::vector<runtime::monitor> kept;  // outlive the process
    process p("p", [&] {
      const task_handle worker(scheduler::here().spawn("worker", [] {
        for (;;) runtime::point("works");
      }));
      kept.emplace_back(w.runtime(), worker.id(), [&] { ++notices; });
      for (;;) runtime::point("watches");
    });
    w.spawn("killer", [&] {
      runtime::point("later");
      runtime::point("later still");
      p.kill();
    });
    w.join_all();
    w.require(notices == 0, "nobody is told");
  });
}

TEST(process, exhaustive_search_kills_it_at_each_of_its_steps) {
  std::set<int> seen;
  campaign_options o;
  o.strategy = "exhaustive";
  const auto r = run_campaign(scenario_property("test",
                                                [&](world& w) {
                                                  int steps = 0;
                                                  process p("p", [&] {
                                                    for (int i = 0; i < 4; ++i) runtime::point("works"), ++steps;
                                                  });
                                                  w.spawn("killer", [&] { p.kill(); });
                                                  w.join_all();
                                                  seen.insert(steps);
                                                }),
                              o);
  EXPECT_TRUE(r.exhausted);
  EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3, 4}));
}

TEST(process, a_killed_one_is_restarted_again_and_again) {
  expect_passes([](world& w) {
    int starts = 0;
    for (int i = 0; i < 3; ++i) {
      process p("p", [&] {
        ++starts;
        for (;;) runtime::point("works");
      });
      w.spawn("killer", [&] { p.kill(); });
      w.join_all();
    }
    w.require(starts <= 3, "each ran at most once");
  });
}

TEST(process, all_of_them_die_at_once) {
  expect_passes([](world& w) {
    outside disk;
    const auto body = [&] {
      for (;;) {
        runtime::point("works");
        disk.write();
      }
    };
    process p("p", body);
    process q("q", body);
    w.spawn("killer", [&] {
      runtime::point("later");
      if (scheduler::here().may_kill()) scheduler::here().kill_all_processes();
      const int seen = disk.writes;
      runtime::point("and after");
      w.require(!p.running() && !q.running() && disk.writes == seen, "nobody writes after the cut");
    });
    w.join_all();
  });
}

}  // namespace
}  // namespace wavetank::sim::process_test

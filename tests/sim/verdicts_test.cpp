// Each way in which an execution can end badly is told apart.
#include <gtest/gtest.h>

#include <cassert>
#include <chrono>
#include <thread>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::sim::verdicts_test {
namespace {

using lock_of = std::unique_lock<mutex>;

campaign_result explore(std::function<void(world&)> body, scenario budget = {}, const std::string& strategy = "mix",
                        std::uint64_t schedules = 2'000) {
  campaign_options o;
  o.strategy = strategy;
  o.schedules = schedules;
  return run_campaign(scenario_property("test", std::move(body), budget), o);
}

verdict_kind verdict_of(std::function<void(world&)> body, scenario budget = {}) {
  const auto r = explore(std::move(body), budget);
  return r.failure ? r.failure->what.kind : verdict_kind::passed;
}

TEST(verdicts, a_correct_program_passes) {
  EXPECT_EQ(verdict_of([](world& w) {
              atomic<int> x{0};
              w.spawn("a", [&] { x.fetch_add(1); });
              w.spawn("b", [&] { x.fetch_add(1); });
              w.join_all();
              w.require(x.load() == 2, "both counted");
            }),
            verdict_kind::passed);
}

TEST(verdicts, a_lost_update_is_an_assertion) {
  EXPECT_EQ(verdict_of([](world& w) {
              atomic<int> x{0};
              for (const char* name : {"a", "b"}) w.spawn(name, [&] { x.store(x.load() + 1); });
              w.join_all();
              w.require(x.load() == 2, "both counted");
            }),
            verdict_kind::assertion);
}

TEST(verdicts, a_plain_assert_is_an_assertion) {
  const auto r = explore([](world& w) {
    atomic<int> x{0};
    w.spawn("a", [&] { x.store(1); });
    w.spawn("b", [&]() noexcept { assert(x.load() == 0); });
    w.join_all();
  });
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->what.kind, verdict_kind::assertion);
  EXPECT_NE(r.failure->what.message.find("x.load() == 0"), std::string::npos) << r.failure->what.message;
}

TEST(verdicts, an_exception_that_leaves_a_task) {
  EXPECT_EQ(verdict_of([](world& w) {
              w.spawn("a", [] { throw std::runtime_error("boom"); });
              w.join_all();
            }),
            verdict_kind::exception);
}

TEST(verdicts, an_exception_out_of_noexcept_is_terminated) {
  EXPECT_EQ(verdict_of([](world& w) {
              const std::function<void()> thrower = [] { throw std::runtime_error("boom"); };
              w.spawn("a", [&]() noexcept { thrower(); });
              w.join_all();
            }),
            verdict_kind::terminated);
}

TEST(verdicts, a_deadlock_names_its_cycle) {
  const auto r = explore([](world& w) {
    mutex m;
    mutex n;
    runtime::label(m, "left");
    runtime::label(n, "right");
    w.spawn("philosopher", [&] {
      lock_of first(m);
      lock_of second(n);
    });
    w.spawn("thinker", [&] {
      lock_of first(n);
      lock_of second(m);
    });
    w.join_all();
  });
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->what.kind, verdict_kind::deadlock);
  EXPECT_NE(r.failure->what.message.find("philosopher waits for mutex right held by thinker"), std::string::npos)
      << r.failure->what.message;
}

TEST(verdicts, a_lock_order_cycle_is_a_warning_on_a_schedule_that_passes) {
  const auto r = explore(
      [](world& w) {
        mutex m;
        mutex n;
        task_handle first = w.runtime().spawn("a", [&] {
          lock_of one(m);
          lock_of two(n);
        });
        first.join();
        task_handle second = w.runtime().spawn("b", [&] {
          lock_of one(n);
          lock_of two(m);
        });
        second.join();
      },
      {}, "random", 10);
  EXPECT_FALSE(r.failure);
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_NE(r.warnings[0].find("lock order cycle"), std::string::npos);
}

TEST(verdicts, a_lost_wakeup) {
  EXPECT_EQ(verdict_of([](world& w) {
              mutex m;
              condition_variable cv;
              atomic<bool> ready{false};
              w.spawn("waiter", [&] {
                if (!ready.load()) {
                  lock_of lock(m);
                  cv.wait(lock);
                }
              });
              w.spawn("notifier", [&] {
                ready.store(true);
                cv.notify_one();
              });
              w.join_all();
            }),
            verdict_kind::lost_wakeup);
}

TEST(verdicts, a_livelock) {
  EXPECT_EQ(verdict_of([](world& w) {
              atomic<bool> never{false};
              w.spawn("a", [&] {
                while (!never.load()) runtime::relax();
              });
              w.join_all();
            }),
            verdict_kind::livelock);
}

TEST(verdicts, a_spin_loop_that_ends_is_no_livelock) {
  for (const char* strategy : {"random", "pct(1)", "pct(3)"}) {
    EXPECT_FALSE(explore(
                     [](world& w) {
                       atomic<bool> flag{false};
                       w.spawn("spinner", [&] {
                         while (!flag.load()) runtime::relax();
                       });
                       w.spawn("setter", [&] { flag.store(true); });
                       w.join_all();
                     },
                     {}, strategy)
                     .failure)
        << strategy;
  }
}

TEST(verdicts, a_leaked_task) {
  EXPECT_EQ(verdict_of([](world& w) {
              auto x = std::make_shared<atomic<int>>(0);
              w.spawn("left", [x] {
                for (int i = 0; i < 3; ++i) x->fetch_add(1);
              });
              x->load();
            }),
            verdict_kind::leaked_task);
}

TEST(verdicts, a_data_race_is_found_on_a_schedule_that_hides_it) {
  EXPECT_EQ(verdict_of([](world& w) {
              shared<int> x;
              w.spawn("a", [&] { x.write() = 1; });
              w.spawn("b", [&] { x.write() = 2; });
              w.join_all();
            }),
            verdict_kind::data_race);
}

TEST(verdicts, a_relaxed_flag_does_not_publish) {
  const auto publish = [](std::memory_order store, std::memory_order load) {
    return verdict_of([=](world& w) {
      shared<int> data;
      atomic<bool> flag{false};
      w.spawn("writer", [&] {
        data.write() = 1;
        flag.store(true, store);
      });
      w.spawn("reader", [&] {
        if (flag.load(load)) require(data.read() == 1, "published");
      });
      w.join_all();
    });
  };
  EXPECT_EQ(publish(std::memory_order_release, std::memory_order_acquire), verdict_kind::passed);
  EXPECT_EQ(publish(std::memory_order_relaxed, std::memory_order_acquire), verdict_kind::data_race);
  EXPECT_EQ(publish(std::memory_order_release, std::memory_order_relaxed), verdict_kind::data_race);
}

TEST(verdicts, a_mutex_orders_plain_accesses) {
  EXPECT_EQ(verdict_of([](world& w) {
              mutex m;
              shared<int> x;
              for (const char* name : {"a", "b"}) {
                w.spawn(name, [&] {
                  lock_of lock(m);
                  ++x.write();
                });
              }
              w.join_all();
              w.require(x.read() == 2, "both counted");
            }),
            verdict_kind::passed);
}

TEST(verdicts, unlock_by_a_stranger_is_misuse) {
  EXPECT_EQ(verdict_of([](world& w) {
              mutex m;
              w.spawn("a", [&] { m.unlock(); });
              w.join_all();
            }),
            verdict_kind::misuse);
}

TEST(verdicts, a_relock_by_the_owner_is_misuse) {
  EXPECT_EQ(verdict_of([](world& w) {
              mutex m;
              w.spawn("a", [&] {
                m.lock();
                m.lock();
                m.unlock();
              });
              w.join_all();
            }),
            verdict_kind::misuse);
}

TEST(verdicts, the_real_clock_is_a_forbidden_call) {
  const auto r = explore([](world& w) {
    w.spawn("a", [] { static_cast<void>(std::chrono::steady_clock::now()); });
    w.join_all();
  });
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->what.kind, verdict_kind::forbidden_call);
  EXPECT_NE(r.failure->what.message.find("clock_gettime"), std::string::npos);
}

TEST(verdicts, a_real_thread_is_a_forbidden_call) {
  EXPECT_EQ(verdict_of([](world&) { std::thread([] {}).join(); }), verdict_kind::forbidden_call);
}

TEST(verdicts, state_that_outlives_an_execution_is_nondeterminism) {
  static int outside = 0;
  EXPECT_EQ(verdict_of([](world& w) {
              atomic<int> x{0};
              w.spawn("a", [&] { x.store(++outside); });
              w.join_all();
            }),
            verdict_kind::nondeterminism);
}

TEST(verdicts, a_timer_races_with_ready_tasks_only_within_its_budget) {
  const auto body = [](world& w) {
    mutex m;
    condition_variable cv;
    bool told = false;
    w.spawn("waiter", [&] {
      lock_of lock(m);
      const bool ok = cv.wait_until(lock, time_point{std::chrono::milliseconds(5)}, [&] { return told; });
      require(ok, "told before the deadline");
    });
    w.spawn("teller", [&] {
      lock_of lock(m);
      told = true;
      cv.notify_all();
    });
    w.join_all();
  };
  EXPECT_EQ(verdict_of(body), verdict_kind::passed);
  scenario racing;
  racing.early_timers = 1;
  EXPECT_EQ(verdict_of(body, racing), verdict_kind::assertion);
}

TEST(verdicts, a_wait_without_a_predicate_falls_to_a_spurious_wakeup) {
  const auto body = [](world& w) {
    mutex m;
    condition_variable cv;
    bool told = false;
    w.spawn("waiter", [&] {
      lock_of lock(m);
      if (!told) cv.wait(lock);
      require(told, "woken for a reason");
    });
    w.spawn("teller", [&] {
      lock_of lock(m);
      told = true;
      cv.notify_all();
    });
    w.join_all();
  };
  EXPECT_EQ(verdict_of(body), verdict_kind::passed);
  scenario spurious;
  spurious.spurious_wakeups = 1;
  EXPECT_EQ(verdict_of(body, spurious), verdict_kind::assertion);
}

TEST(verdicts, a_task_that_survives_its_death_is_not_killed_again) {
  scenario deaths;
  deaths.kills = 3;
  const auto r = explore(
      [](world& w) {
        w.spawn("stubborn", [&] {
          int deaths_met = 0;
          for (int i = 0; i < 3; ++i) {
            try {
              runtime::point("here");
              runtime::point("and here");
            } catch (const task_killed&) {
              ++deaths_met;
            }
          }
          w.require(deaths_met <= 1, "never twice");
        });
        w.join_all();
      },
      deaths);
  EXPECT_FALSE(r.failure) << r.failure->told;
}

TEST(verdicts, a_killed_task_unwinds_and_is_not_killed_twice) {
  scenario deaths;
  deaths.kills = 3;
  const auto r = explore(
      [](world& w) {
        atomic<int> inside{0};
        for (const char* name : {"a", "b"}) {
          w.spawn(name, [&] {
            struct guard {
              atomic<int>& n;
              explicit guard(atomic<int>& x) : n(x) { n.fetch_add(1); }
              ~guard() {
                const death_shelter put_off;
                runtime::point("in a destructor");
                n.fetch_sub(1);
              }
            } const g(inside);
            runtime::point("holding");
          });
        }
        w.join_all();
        w.require(inside.load() == 0, "all guards ran");
      },
      deaths);
  EXPECT_FALSE(r.failure) << r.failure->told;
}

}  // namespace
}  // namespace wavetank::sim::verdicts_test

// Fibers: exceptions go with them, stacks are guarded and reused.
#include <gtest/gtest.h>

#include <exception>

#include <wavetank/sim/strategies/random_walk.h>

#include "programs.h"

namespace wavetank::sim::fiber_test {
namespace {

TEST(fibers, an_unwinding_task_does_not_make_another_one_unwind) {
  int parked_while_unwinding = 0;
  const auto r = programs::explore(
      [&](world& w) {
        atomic<int> unwinding{0};
        w.spawn("thrower", [&] {
          struct parks {
            atomic<int>& flag;
            ~parks() {
              flag.store(std::uncaught_exceptions());
              flag.store(0);
            }
          };
          try {
            const parks p{unwinding};
            throw 1;
          } catch (int) {
          }
        });
        w.spawn("witness", [&] {
          const int seen = unwinding.load();
          if (seen == 1) ++parked_while_unwinding;
          require(std::uncaught_exceptions() == 0, "nobody throws here");
        });
        w.join_all();
      },
      "random", 500);
  EXPECT_FALSE(r.failure) << r.failure->what.message;
  EXPECT_GT(parked_while_unwinding, 0);
}

TEST(fibers, a_caught_exception_stays_with_its_task) {
  const auto r = programs::explore(
      [](world& w) {
        atomic<int> turns{0};
        for (const int mine : {1, 2}) {
          w.spawn("t" + std::to_string(mine), [&, mine] {
            try {
              throw mine;
            } catch (int) {
              turns.fetch_add(1);
              try {
                throw;
              } catch (int again) {
                require(again == mine, "an exception went to another task");
              }
            }
          });
        }
        w.join_all();
      },
      "random", 200);
  EXPECT_FALSE(r.failure) << r.failure->what.message;
}

int overflow(int n) {
  volatile char frame[1024];
  frame[0] = static_cast<char>(n);
  return n > 1'000'000 ? frame[0] : overflow(n + 1) + frame[0];
}

TEST(fibers, a_stack_overflow_hits_the_guard_page) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(programs::explore(
                   [](world& w) {
                     w.spawn("deep", [] { static_cast<void>(overflow(0)); });
                     w.join_all();
                   },
                   "random", 1),
               "");
}

TEST(fibers, a_world_survives_thousands_of_tasks_and_is_reused) {
  on_world_thread([] {
    scheduler s;
    random_walk walk;
    for (std::uint64_t i = 0; i < 3; ++i) {
      walk.begin(i);
      const auto r = s.execute(walk, scenario{}, [] {
        world w;
        atomic<int> x{0};
        for (int t = 0; t < 2'000; ++t) w.spawn("t", [&] { x.fetch_add(1); });
        w.join_all();
        w.require(x.load() == 2'000, "all ran");
      });
      EXPECT_FALSE(r.what.failed()) << r.what.message;
      EXPECT_EQ(r.tasks, 2'001u);
    }
  });
}

}  // namespace
}  // namespace wavetank::sim::fiber_test

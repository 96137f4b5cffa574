// Fibers that the runtime did not start, and semaphores between threads of fibers.
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/runtime/fiber/fiber_runtime.h>

#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <boost/fiber/fiber.hpp>
#include <boost/fiber/operations.hpp>

namespace wavetank::fiber_death_test {
namespace {

using semaphore = counting_semaphore<fiber_runtime>;

TEST(foreign_fiber, releases_what_it_holds_soon_after_its_end) {
  fiber_runtime r{discarding_log()};
  semaphore s{r, 1};
  semaphore::permit outlives;
  task_id owner;
  boost::fibers::fiber foreign{[&] {
    outlives = std::move(*s.acquire());
    owner = r.current_task();
    EXPECT_EQ(owner, s.holders()[0].owner);
  }};
  foreign.join();
  EXPECT_TRUE(s.acquire());  // its death runs on a fiber of its own, and grants
  EXPECT_FALSE(outlives.valid());
  EXPECT_NE(owner, r.current_task());
}

TEST(foreign_fiber, is_not_taken_for_the_thread_that_it_runs_on) {
  fiber_runtime r{discarding_log()};
  const task_id main = r.current_task();
  task_id inside;
  boost::fibers::fiber foreign{[&] {
    inside = r.current_task();
    boost::this_fiber::yield();
    EXPECT_EQ(inside, r.current_task());
  }};
  EXPECT_EQ(main, r.current_task());
  foreign.join();
  EXPECT_NE(main, inside);
}

TEST(main_fiber, of_a_thread_releases_when_the_thread_ends) {
  fiber_runtime r{discarding_log()};
  semaphore s{r, 1};
  semaphore::permit outlives;
  std::thread foreign{[&] { outlives = std::move(*s.acquire()); }};
  foreign.join();
  EXPECT_EQ(s.current(), 0U);
  EXPECT_FALSE(outlives.valid());
}

TEST(fiber_semaphore, serves_fibers_of_several_threads) {
  fiber_runtime r{discarding_log()};
  semaphore s{r, 2};
  int inside[2] = {0, 0};
  std::vector<std::thread> threads;
  for (int& mine : inside) {
    threads.emplace_back([&] {
      std::vector<fiber_runtime::task> fibers;
      for (int f = 0; f < 4; ++f) {
        fibers.push_back(r.spawn("worker", [&] {
          for (int i = 0; i < 200; ++i) {
            const auto held = s.acquire();
            EXPECT_LE(s.current(), 2U);
            ++mine;
            boost::this_fiber::yield();
          }
        }));
      }
      for (auto& f : fibers) f.join();
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(inside[0] + inside[1], 1600);
  EXPECT_EQ(s.current(), 0U);
  EXPECT_EQ(s.waiting(), 0U);
}

}  // namespace
}  // namespace wavetank::fiber_death_test

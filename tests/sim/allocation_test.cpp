// Exploring allocates nothing in steady state.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include <wavetank/sim/strategies/pct.h>
#include <wavetank/sim/strategies/random_walk.h>

#include "programs.h"

namespace {
thread_local std::uint64_t allocations = 0;
}

// NOLINTBEGIN: the program's allocator, which counts
void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* p = std::malloc(bytes)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// NOLINTEND

namespace wavetank::sim::allocation_test {
namespace {

std::uint64_t allocations_of_an_execution(strategy& answers, const programs::body& program) {
  std::uint64_t counted = 0;
  on_world_thread([&] {
    scheduler s;
    scenario together;
    together.start_barrier = true;
    const std::function<void()> body = [&] {
      world w;
      program(w);
    };
    std::uint64_t before = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      if (i == 200) before = allocations;
      answers.begin(execution_seed(1, i));
      s.execute(answers, together, body);
    }
    counted = allocations - before;
  });
  return counted;
}

TEST(allocation, a_random_walk_allocates_nothing_in_steady_state) {
  random_walk walk;
  EXPECT_EQ(allocations_of_an_execution(walk, programs::counters(2, 50)), 0u);
}

TEST(allocation, pct_allocates_nothing_in_steady_state) {
  pct strategy(3);
  strategy.expect(200, 3);
  EXPECT_EQ(allocations_of_an_execution(strategy, programs::counters(4, 50)), 0u);
}

TEST(allocation, is_counted) {
  random_walk walk;
  EXPECT_GE(allocations_of_an_execution(walk,
                                        [](world& w) {
                                          const auto x = std::make_unique<atomic<int>>(0);
                                          x->store(1);
                                          w.join_all();
                                        }),
            100u);
}

}  // namespace
}  // namespace wavetank::sim::allocation_test

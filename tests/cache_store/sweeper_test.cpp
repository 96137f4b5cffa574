// A cache that sweeps by itself, in the simulated world: when it does, and what stops it.
#include <wavetank/impl/cache/store/cache_sweeper.h>
#include <wavetank/props/explore.h>
#include <wavetank/sim/machine.h>
#include <wavetank/tests/cache_store/real_store.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::sweeper_test {
namespace {

using std::chrono::seconds;
using simulated_sweeper = cache_store_detail::cache_sweeper<sim::runtime>;

/// The seconds at which a sweep began, of a sweeper that lives for 100 s. `sweep(n)`: the nth.
std::vector<long> sweeps_in_100_s(sim::world& w, seconds interval, const std::function<void(std::size_t)>& sweep) {
  auto& r = w.runtime();
  const auto start = r.now();
  std::vector<long> began;
  {
    const simulated_sweeper sweeper(r, interval, [&] {
      began.push_back(std::chrono::duration_cast<seconds>(r.now() - start).count());
      sweep(began.size());
    });
    r.sleep_until(start + seconds(100));
  }
  return began;
}

/// If each of them lasts so long.
std::vector<long> sweeps_in_100_s(sim::world& w, seconds interval, seconds lasting) {
  return sweeps_in_100_s(w, interval, [&](std::size_t) { w.runtime().sleep_until(w.runtime().now() + lasting); });
}

TEST(simulated_sweeper, sweeps_once_an_interval_and_keeps_its_phase) {
  explore(
      [](sim::world& w) {
        EXPECT_EQ(sweeps_in_100_s(w, seconds(30), seconds(7)), (std::vector<long>{30, 60, 90}));
      },
      {.schedules = 2'000});
}

TEST(simulated_sweeper, a_sweep_that_takes_longer_is_not_made_up_for) {
  explore(
      [](sim::world& w) {
        EXPECT_EQ(sweeps_in_100_s(w, seconds(20), seconds(35)), (std::vector<long>{20, 55, 90}));
      },
      {.schedules = 2'000});
}

TEST(simulated_sweeper, one_long_sweep_is_followed_by_no_other_at_once) {
  explore(
      [](sim::world& w) {
        const auto first_lasts = [&](std::size_t n) {
          if (n == 1) w.runtime().sleep_until(w.runtime().now() + seconds(50));
        };
        EXPECT_EQ(sweeps_in_100_s(w, seconds(20), first_lasts), (std::vector<long>{20, 70, 90}));
      },
      {.schedules = 2'000});
}

TEST(simulated_sweeper, ends_in_peace_after_a_sweep_that_threw_something_strange) {
  explore(
      [](sim::world& w) {
        const auto throws = [](std::size_t n) {
          if (n == 1) throw 1;
        };
        EXPECT_EQ(sweeps_in_100_s(w, seconds(30), throws).size(), 3U);
      },
      {.schedules = 2'000});
}

TEST(simulated_sweeper, goes_on_after_a_sweep_that_threw) {
  explore(
      [](sim::world& w) {
        const auto throws = [](std::size_t) { throw std::runtime_error("no luck"); };
        EXPECT_EQ(sweeps_in_100_s(w, seconds(40), throws), (std::vector<long>{40, 80}));
      },
      {.schedules = 2'000});
}

TEST(simulated_sweeper, its_death_is_not_its_end) {
  explore_options options{.schedules = 4'000};
  options.budget.kills = 1;
  explore(
      [](sim::world& w) {
        const task_shelter<sim::runtime> only_the_sweeper_dies;
        EXPECT_GE(sweeps_in_100_s(w, seconds(30), seconds(1)).size(), 3U);
      },
      options);
}

/// What a writer left that died is taken up after an interval, and no sooner, though nobody calls anything.
TEST(simulated_sweeper, a_cache_recovers_what_a_dead_writer_left_by_itself) {
  explore(
      [](sim::world&) {
        sim::machine computer;
        computer
            .start("server",
                   [](sim::runtime& r, sim::file_system& files) {
                     auto cache = prefix_cache<sim::runtime, sim::file_system>::open(
                         r, files, {.disk_path = "/cache", .sweep_interval = seconds(30)});
                     r.spawn("writer", [&] {
                        static_cast<void>((*cache)->table().reserve_save(key_number(1), cache_tier::disk, "/cache/x"));
                      }).join();
                     r.sleep_until(r.now() + seconds(29));
                     sim::require((*cache)->table().dump().size() == 1, "it was swept too soon");
                     r.sleep_until(r.now() + seconds(2));
                     sim::require((*cache)->table().dump().empty(), "it was not swept");
                   })
            .wait();
      },
      {.schedules = 200});
}

}  // namespace
}  // namespace wavetank::cache_store_tests::sweeper_test

// Turns at saving, in the simulated world: a permit is waited for so long and no longer, and nobody takes one with him.
#include <wavetank/impl/runtime/task_shelter.h>
#include <wavetank/props/explore.h>
#include <wavetank/sim/machine.h>
#include <wavetank/tests/cache_store/real_store.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::save_turns_test {
namespace {

using simulated_cache = prefix_cache<sim::runtime, sim::file_system>;
using std::chrono::nanoseconds;

/// A process that has a cache in which one at a time may save.
void with_cache(const std::function<void(sim::runtime&, simulated_cache&)>& use) {
  sim::machine computer;
  sim::process server = computer.start("server", [&](sim::runtime& r, sim::file_system& files) {
    const task_shelter<sim::runtime> only_writers_die;
    auto cache = simulated_cache::open(r, files, {.disk_path = "/cache", .saves = {.permits = 1}});
    sim::require(cache.has_value(), "the cache did not open");
    use(r, **cache);
    cache->reset();
    sim::require(computer.disk().open_descriptions() == 0, "a descriptor was left open");
  });
  server.wait();
}

auto save(simulated_cache& cache, std::uint32_t number, nanoseconds patience) {
  return cache.save(cache_tier::disk, metadata_of(number), payload_of(number, 64), patience);
}

void save_side_by_side(sim::runtime& r, simulated_cache& cache, nanoseconds patience,
                       const std::function<void(bool refused)>& told) {
  std::vector<sim::runtime::task> writers;
  for (const std::uint32_t number : {1U, 2U}) {
    writers.push_back(r.spawn("writer", [&, number] {
      const auto said = save(cache, number, patience);
      sim::require(said || said.error().problem == save_problem::max_concurrent, "a save failed");
      told(!said);
    }));
  }
  for (auto& writer : writers) writer.join();
}

TEST(simulated_save_turns, whoever_finds_no_permit_in_time_is_told_so) {
  std::atomic<int> refusals = 0;
  const auto seen = explore(
      [&](sim::world&) {
        with_cache([&](sim::runtime& r, simulated_cache& cache) {
          int refused = 0;
          save_side_by_side(r, cache, nanoseconds{0}, [&](bool was) { refused += was ? 1 : 0; });
          sim::require(refused < 2, "nobody had the permit");
          refusals += refused;
        });
      },
      {.schedules = 2'000});
  EXPECT_GT(refusals, 0) << seen.campaign.executions;
}

TEST(simulated_save_turns, whoever_waits_long_enough_saves) {
  explore(
      [](sim::world&) {
        with_cache([](sim::runtime& r, simulated_cache& cache) {
          save_side_by_side(r, cache, std::chrono::hours(1),
                            [](bool refused) { sim::require(!refused, "it had an hour"); });
        });
      },
      {.schedules = 2'000});
}

TEST(simulated_save_turns, a_writer_that_dies_gives_its_permit_back) {
  explore_options options{.schedules = 4'000};
  options.budget.kills = 1;
  explore(
      [](sim::world&) {
        with_cache([](sim::runtime& r, simulated_cache& cache) {
          save_side_by_side(r, cache, std::chrono::hours(1), [](bool) {});
          for (const std::uint32_t number : {3U, 4U}) {
            sim::require(save(cache, number, nanoseconds{0}).has_value(), "the permit is gone");
          }
        });
      },
      options);
}

}  // namespace
}  // namespace wavetank::cache_store_tests::save_turns_test

// How long writes wait for company: natural and adaptive windows, in exact virtual time.
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <chrono>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::batch_windows_test {
namespace {

using namespace std::chrono_literals;
using batcher = window_batcher<sim::runtime, props::recorded_backend>;

constexpr auto commit_takes = 2ms;

/// Time passes only where nobody can run, so that the durations are exact in every schedule.
void expect_holds(const std::function<void(sim::world&)>& body) {
  sim::campaign_options options;
  options.schedules = 2'000;
  const auto r = sim::run_campaign(sim::scenario_property("windows", body, {}), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
}

/// What a write took.
std::chrono::nanoseconds time_of_write(batcher& b, std::uint64_t number) {
  const auto begin = sim::scheduler::here().now();
  sim::require(b.write_batch(0, batcher::batch_kind::generic, {{number, 0, false, false}}).has_value(), "not written");
  return sim::scheduler::here().now() - begin;
}

/// Two writers that write at the same instants, `rounds` times, 10 ms apart. Returns the number of commits.
std::uint64_t commits_of_two(sim::world& w, batch_window window, std::chrono::nanoseconds longest_wait) {
  constexpr std::uint64_t rounds = 4;
  props::recorded_backend backend;
  backend.takes = commit_takes;
  batch_options options;
  options.generic_window = window;
  batcher b{w.runtime(), backend, {0}, options};
  const auto begin = sim::scheduler::here().now();
  std::vector<sim::runtime::task> writers;
  for (const std::uint64_t writer : {0U, 1U}) {
    writers.push_back(w.runtime().spawn("writer", [&, writer] {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        w.runtime().sleep_until(begin + (round + 1) * 10ms);
        sim::require(time_of_write(b, 1 + writer + 2 * round) <= longest_wait, "waited for too long");
      }
    }));
  }
  for (auto& one : writers) one.join();
  return b.metrics(0)->batches;
}

TEST(batch_windows, a_natural_write_waits_for_the_commit_in_flight_and_its_own) {
  expect_holds([](sim::world& w) {
    sim::require(commits_of_two(w, batch_window::natural(), 2 * commit_takes) >= 4, "fewer commits than instants");
  });
}

TEST(batch_windows, an_adaptive_window_lets_those_who_write_together_share) {
  expect_holds([](sim::world& w) {
    // The first round does not know of company yet; from then on the window is half a commit.
    const auto commits = commits_of_two(w, batch_window::adaptive(50, 20ms), 2 * commit_takes);
    sim::require(commits == 4 || commits == 5, "writes that come together do not share a commit");
  });
}

TEST(batch_windows, an_adaptive_window_is_bounded) {
  expect_holds([](sim::world& w) {
    // Ten times the commit, but at most 1 ms; the company is forgotten after as long.
    const auto commits = commits_of_two(w, batch_window::adaptive(1'000, 1ms), 2 * commit_takes);
    sim::require(commits >= 4, "fewer commits than instants");
  });
}

TEST(batch_windows, a_lone_writer_never_waits_for_company) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.takes = commit_takes;
    batch_options options;
    options.generic_window = batch_window::adaptive(50, 20ms);
    batcher b{w.runtime(), backend, {0}, options};
    for (std::uint64_t n = 1; n <= 3; ++n) sim::require(time_of_write(b, n) == commit_takes, "a lone write waited");
    w.runtime().spawn("company", [&] { time_of_write(b, 4); }).join();
    sim::require(time_of_write(b, 5) == commit_takes * 3 / 2, "no window while there is company");
    w.runtime().sleep_until(sim::scheduler::here().now() + 21ms);
    sim::require(time_of_write(b, 6) == commit_takes, "company is never forgotten");
  });
}

}  // namespace
}  // namespace wavetank::batch_tests::batch_windows_test

// Several commits in flight: which batches go behind another, in exact virtual time, and whose answer comes first.
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/props/batch/pipelined_recorded_backend.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::commits_in_flight_test {
namespace {

using namespace std::chrono_literals;
using batcher = window_batcher<sim::runtime, props::pipelined_recorded_backend>;
using kind = batcher::batch_kind;

// As the backend has it for a commit that takes 2 ms.
constexpr auto first_commit_takes = 4ms;
constexpr auto second_commit_takes = 2ms;

/// Time passes only where nobody can run, so that the durations are exact in every schedule.
void expect_holds(const std::function<void(sim::world&)>& body) {
  sim::campaign_options options;
  options.schedules = 2'000;
  const auto r = sim::run_campaign(sim::scenario_property("commits in flight", body, {}), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
}

batch_options two_in_flight() {
  batch_options options;
  options.max_commits_in_flight = 2;
  return options;
}

std::vector<props::recorded_write> one_write(std::uint64_t number) { return {{number, 0, false, false}}; }

TEST(commits_in_flight, are_answered_in_their_order) {
  expect_holds([](sim::world& w) {
    props::pipelined_recorded_backend backend;
    auto options = two_in_flight();
    options.max_items = 1;
    batcher b{w.runtime(), backend, {0}, options};
    const auto begin = sim::scheduler::here().now();
    std::vector<std::uint64_t> replied;
    for (const std::uint64_t n : {1U, 2U, 3U}) {
      const auto queued = b.write_batch_async(0, kind::put, one_write(n), [&, n](auto said) {
        sim::require(said.has_value(), "not written");
        const bool together = sim::scheduler::here().now() - begin == first_commit_takes;
        sim::require(together == (n != 3), "the first two not when the first had ended, or the third not behind them");
        replied.push_back(n);
      });
      sim::require(std::holds_alternative<batcher::queued>(queued), "not queued");
    }
    const auto fourth = b.write_batch_async(0, kind::put, one_write(4), [](auto) {});
    const auto* const refused = std::get_if<batcher::batch_answer>(&fourth);
    sim::require(refused != nullptr && refused->error().what == write_problem::overloaded, "room for a fourth");
    sim::require(b.flush(0), "no flush");
    sim::require(replied == std::vector<std::uint64_t>{1, 2, 3}, "another order");
  });
}

TEST(commits_in_flight, a_timer_starts_one_behind_another) {
  expect_holds([](sim::world& w) {
    props::pipelined_recorded_backend backend;
    batcher b{w.runtime(), backend, {0}, two_in_flight()};
    const auto begin = sim::scheduler::here().now();
    auto first = w.runtime().spawn("first", [&] {
      sim::require(b.write_batch(0, kind::generic, one_write(1)).has_value(), "not written");
      sim::require(sim::scheduler::here().now() - begin == first_commit_takes, "the first waited");
    });
    auto second = w.runtime().spawn("second", [&] {
      w.runtime().sleep_until(begin + 2ms);
      sim::require(b.write_batch(0, kind::put, one_write(2)).has_value(), "not written");
      const auto took = sim::scheduler::here().now() - begin;
      sim::require(took == 2ms + default_window + second_commit_takes, "the second waited for the first");
    });
    first.join();
    second.join();
  });
}

TEST(commits_in_flight, what_only_a_zero_window_sends_waits_until_one_is_done) {
  expect_holds([](sim::world& w) {
    props::pipelined_recorded_backend backend;
    batcher b{w.runtime(), backend, {0}, two_in_flight()};
    const auto begin = sim::scheduler::here().now();
    std::vector<sim::runtime::task> writers;
    for (const std::uint64_t n : {1U, 2U, 3U}) {
      writers.push_back(w.runtime().spawn("writer", [&, n] {
        w.runtime().sleep_until(begin + n * 1ms);
        sim::require(b.write_batch(0, kind::generic, one_write(n)).has_value(), "not written");
      }));
    }
    for (auto& one : writers) one.join();
    sim::require(b.metrics(0)->batches == 2, "the second and the third do not share a commit");
  });
}

TEST(commits_in_flight, direct_writes_share_the_syncs_of_those_before_them) {
  expect_holds([](sim::world& w) {
    props::pipelined_recorded_backend backend;
    batcher b{w.runtime(), backend, {0}};
    const auto begin = sim::scheduler::here().now();
    std::vector<sim::runtime::task> writers;
    for (const std::uint64_t n : {1U, 2U}) {
      writers.push_back(w.runtime().spawn("writer", [&, n] {
        sim::require(b.write(0, "a", one_write(n).front()).has_value(), "not written");
        sim::require(sim::scheduler::here().now() - begin <= first_commit_takes, "one waited for the other");
      }));
    }
    for (auto& one : writers) one.join();
  });
}

struct plain_backend {
  using command = int;
  using result = int;
  tl::expected<std::vector<int>, commit_error> commit(shard_number, std::span<const int> batch) {
    return std::vector<int>(batch.begin(), batch.end());
  }
  std::uint64_t bytes_of(int) const noexcept { return 1; }
};

TEST(commits_in_flight, more_than_one_takes_a_backend_that_can) {
  thread_runtime world;
  plain_backend backend;
  using plain = window_batcher<thread_runtime, plain_backend>;
  batch_options options;
  EXPECT_TRUE(plain::make(world, backend, {0}, options));
  options.max_commits_in_flight = 2;
  const auto refused = plain::make(world, backend, {0}, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(to_string(refused.error()),
            "max_commits_in_flight is 2: it must be 1, for the backend has no begin and finish");
  EXPECT_THROW((plain{world, backend, {0}, options}), std::invalid_argument);
  EXPECT_TRUE(validate(options, true));
  options.max_commits_in_flight = 0;
  EXPECT_EQ(validate(options, true).error().text, "is 0: it must be at least 1");
}

}  // namespace
}  // namespace wavetank::batch_tests::commits_in_flight_test

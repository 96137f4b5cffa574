// The routes, refusals and windows of the batcher, one by one.
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::window_batcher_test {
namespace {

using sim_batcher = window_batcher<sim::runtime, props::recorded_backend>;
using kind = sim_batcher::batch_kind;

void expect_holds(const std::function<void(sim::world&)>& body, std::uint32_t kills = 0) {
  sim::campaign_options options;
  options.schedules = 3'000;
  sim::scenario budget;
  budget.kills = kills;
  const auto r = sim::run_campaign(sim::scenario_property("batcher", body, budget), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
}

std::vector<props::recorded_write> writes(std::initializer_list<std::uint64_t> numbers) {
  std::vector<props::recorded_write> all;
  for (const auto n : numbers) all.push_back({n, 0, false, false});
  return all;
}

TEST(window_batcher, whoever_waits_when_it_is_destroyed_is_answered) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    auto batcher = std::make_unique<sim_batcher>(w.runtime(), backend, std::vector<shard_number>{0});
    sim_batcher& shared = *batcher;
    int waiting = 0;
    for (const std::uint64_t n : {1U, 2U}) {
      w.spawn("writer", [&, n] {
        ++waiting;
        const auto said = shared.write_batch(0, kind::put, writes({n}));
        sim::require(said.has_value() || said.error().what == write_problem::unknown_outcome ||
                         said.error().cause == write_cause::destroyed,
                     "an answer that is neither a result nor the end");
      });
    }
    // Both are in their calls: the window is 1 ms, the commit takes 2.
    w.runtime().sleep_until(sim::scheduler::here().now() + std::chrono::microseconds(1500));
    sim::require(waiting == 2, "the test is too early");
    batcher.reset();
    w.join_all();
  });
}

TEST(window_batcher, a_direct_write_waits_for_its_task_no_longer_than_to_its_deadline) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.takes = std::chrono::seconds(1);
    sim_batcher batcher{w.runtime(), backend, {0}};
    batcher.write_batch_async(0, kind::generic, writes({1}), [](auto) {});
    const auto deadline = sim::scheduler::here().now() + std::chrono::milliseconds(10);
    const auto said = batcher.write(0, "none", writes({2}).front(), std::nullopt, deadline);
    sim::require(!said && said.error() == write_error{write_problem::not_committed, write_cause::deadline},
                 "it should have given up");
    sim::require(sim::scheduler::here().now() == deadline, "it gave up at another moment");
    sim::require(batcher.flush(0), "what it waited for was not committed");
    sim::require(backend.log().size() == 1, "it was written all the same");
  });
}

TEST(window_batcher, a_write_whose_deadline_has_passed_is_committed_by_neither_route) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    sim_batcher batcher{w.runtime(), backend, {0}};
    const auto passed = sim::scheduler::here().now();
    w.runtime().sleep_until(passed + std::chrono::milliseconds(1));
    for (const auto window : {std::chrono::milliseconds(0), std::chrono::milliseconds(1)}) {
      for (const shard_number shard : {0U, 7U}) {  // the second without a batcher
        const auto said = batcher.write(shard, "a", writes({1}).front(), window, passed);
        sim::require(!said && said.error() == write_error{write_problem::not_committed, write_cause::deadline},
                     "it should have been refused");
      }
    }
    sim::require(batcher.flush(0) && backend.log().empty(), "it was written all the same");
  });
}

TEST(window_batcher, a_direct_write_that_waits_for_its_task_is_answered_when_it_is_destroyed) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.takes = std::chrono::seconds(1);
    auto batcher = std::make_unique<sim_batcher>(w.runtime(), backend, std::vector<shard_number>{0});
    sim_batcher& shared = *batcher;
    auto writer = w.runtime().spawn("writer", [&] {
      shared.write_batch_async(0, kind::generic, writes({1}), [](auto) {});
      const auto said = shared.write(0, "none", writes({2}).front());
      sim::require(!said && said.error() == write_error{write_problem::not_committed, write_cause::destroyed},
                   "an answer that is not the end");
    });
    w.runtime().sleep_until(sim::scheduler::here().now() + std::chrono::milliseconds(1));
    batcher.reset();
    writer.join();
    sim::require(backend.log().size() == 1, "it was written all the same");
  });
}

TEST(window_batcher, a_direct_write_does_not_wait_for_another_shard) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    sim_batcher batcher{w.runtime(), backend, {0, 1}};
    const auto begun = sim::scheduler::here().now();
    batcher.write_batch_async(0, kind::put, writes({1}), [](auto) {});
    sim::require(batcher.write(1, "none", writes({2}).front()).has_value(), "it failed");
    sim::require(sim::scheduler::here().now() == begun + backend.takes, "it waited");
    sim::require(batcher.flush(0), "the other was not committed");
  });
}

TEST(window_batcher, a_reply_comes_at_its_deadline_however_long_a_commit_takes) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.takes = std::chrono::seconds(1);
    sim_batcher batcher{w.runtime(), backend, {0}};
    const auto deadline = sim::scheduler::here().now() + std::chrono::milliseconds(10);
    std::vector<write_problem> told;
    const auto reply = [&](const sim_batcher::batch_answer& said) {
      sim::require(!said && said.error().cause == write_cause::deadline, "another answer than its deadline's");
      sim::require(sim::scheduler::here().now() == deadline, "at another moment");
      told.push_back(said.error().what);
    };
    batcher.write_batch_async(0, kind::generic, writes({1}), reply, nullptr, deadline);  // in flight
    batcher.write_batch_async(0, kind::put, writes({2}), reply, nullptr, deadline);      // behind it
    sim::require(batcher.stop(0), "something is left");
    sim::require(told == std::vector{write_problem::not_committed, write_problem::unknown_outcome}, "other answers");
  });
}

TEST(window_batcher, a_gate_token_is_left_when_the_write_is_answered_and_not_before) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    sync_gate<sim::runtime> gate{w.runtime(), 1};
    sim_batcher batcher{w.runtime(), backend, {0}};
    bool replied = false;
    w.runtime()
        .spawn("writer",
               [&] {
                 auto inside = gate.enter(0);
                 const auto done = batcher.write_batch_async(
                     0, kind::put, writes({1}), [&](auto) { replied = true; }, &*inside);
                 sim::require(std::holds_alternative<sim_batcher::queued>(done), "it went directly");
                 sim::require(!inside->valid(), "the caller still has the token");
               })
        .join();
    sim::require(gate.admissions(0) == 1, "the writer's end took the token from the batcher");
    const auto pause = gate.pause({0});
    sim::require(gate.await_drained(*pause).has_value(), "never drained");
    sim::require(backend.log().size() == 1, "drained before the write was committed");
    sim::require(batcher.flush(0), "no flush");
    sim::require(replied, "no reply");
  });
}

/// Its deadline answers a write in flight: it is still on its way.
template <class Then>
void in_flight_beyond_its_deadline(sim::world& w, Then then) {
  props::recorded_backend backend;
  backend.takes = std::chrono::seconds(1);
  sync_gate<sim::runtime> gate{w.runtime(), 1};
  sim_batcher batcher{w.runtime(), backend, {0}};
  auto inside = gate.enter(0);
  const auto deadline = sim::scheduler::here().now() + std::chrono::milliseconds(10);
  bool answered = false;
  const auto reply = [&](const sim_batcher::batch_answer& said) {
    sim::require(!said && said.error() == write_error{write_problem::unknown_outcome, write_cause::deadline},
                 "another answer than its deadline's");
    answered = true;
  };
  batcher.write_batch_async(0, kind::generic, writes({1}), reply, &*inside, deadline);
  w.runtime().sleep_until(deadline + std::chrono::milliseconds(1));
  sim::require(answered && backend.log().empty(), "the test is too early, or too late");
  then(batcher, gate);
  sim::require(backend.log().size() == 1, "it is still on its way");
}

TEST(window_batcher, a_gate_token_is_not_left_before_the_commit_has_ended) {
  expect_holds([](sim::world& w) {
    in_flight_beyond_its_deadline(w, [](sim_batcher&, sync_gate<sim::runtime>& gate) {
      const auto pause = gate.pause({0});
      sim::require(gate.await_drained(*pause).has_value(), "never drained");
    });
  });
}

TEST(window_batcher, a_flush_waits_for_a_commit_whose_writes_have_come_to_their_deadline) {
  expect_holds([](sim::world& w) {
    in_flight_beyond_its_deadline(
        w, [](sim_batcher& batcher, sync_gate<sim::runtime>&) { sim::require(batcher.flush(0), "it never ended"); });
  });
}

TEST(window_batcher, a_stop_waits_for_a_commit_whose_writes_have_come_to_their_deadline) {
  expect_holds([](sim::world& w) {
    in_flight_beyond_its_deadline(
        w, [](sim_batcher& batcher, sync_gate<sim::runtime>&) { sim::require(batcher.stop(0), "it never ended"); });
  });
}

TEST(window_batcher, a_window_that_is_shortened_pulls_the_timer_forward) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.takes = std::chrono::nanoseconds{0};
    sim_batcher batcher{w.runtime(), backend, {0}};
    sim::require(batcher.set_window("slow", std::chrono::seconds(10)).has_value(), "refused");
    const auto begin = sim::scheduler::here().now();
    auto writer = w.runtime().spawn("writer", [&] {
      sim::require(batcher.write(0, "slow", writes({1}).front()).has_value(), "not written");
      sim::require(sim::scheduler::here().now() - begin == std::chrono::seconds(2), "not at the new window's end");
    });
    w.runtime().sleep_until(begin + std::chrono::seconds(1));
    sim::require(batcher.set_window("slow", std::chrono::seconds(2)).has_value(), "refused");
    writer.join();
  });
}

TEST(window_batcher, a_window_that_is_shortened_overtakes_nothing_that_is_due) {
  expect_holds([](sim::world&) {
    using slots_type = batch_detail::batch_slots<sim::runtime, props::recorded_backend>;
    const auto at_ms = [](int ms) { return sim::time_point{std::chrono::milliseconds(ms)}; };
    const auto request = [] { return std::make_shared<slots_type::request_ptr::element_type>(); };
    const batch_options options;
    slots_type slots{options};
    slots.append("a", request(), at_ms(0), at_ms(2));
    slots.append("b", request(), at_ms(0), at_ms(4));
    slots.shorten("b", std::chrono::milliseconds(1), at_ms(5));
    sim::require(slots.next(at_ms(5), false)->kind == "a", "what was shortened goes first");
  });
}

TEST(window_batcher, the_work_of_a_batch_is_bounded) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    backend.most_work = 4;
    batch_options options;
    options.max_work = 4;
    sim_batcher batcher{w.runtime(), backend, {0}, options};
    const std::vector<props::recorded_write> heavy{{1, 0, true, false}, {2, 0, true, false}, {3, 0, false, false}};
    const auto refused = batcher.write_batch(0, kind::generic, heavy);
    sim::require(!refused && refused.error().what == write_problem::too_large, "five units of work fitted into four");
    sim::require(refused.error().limit == 4 && refused.error().asked == 5, "another limit");
    std::vector<sim::runtime::task> writers;
    for (const std::uint64_t n : {4U, 6U, 8U}) {
      writers.push_back(w.runtime().spawn("writer", [&, n] {
        const std::vector<props::recorded_write> two{{n, 0, true, false}, {n + 1, 0, false, false}};
        const auto said = batcher.write_batch(0, kind::put, two);
        sim::require(said || said.error().what == write_problem::overloaded, "neither written nor overloaded");
      }));
    }
    for (auto& one : writers) one.join();
  });
}

TEST(window_batcher, a_single_write_goes_without_waiting_too) {
  expect_holds([](sim::world& w) {
    props::recorded_backend backend;
    sim_batcher batcher{w.runtime(), backend, {0}};
    std::optional<sim_batcher::batch_answer> later;
    const auto reply = [&](sim_batcher::batch_answer said) { later = std::move(said); };
    const auto direct = batcher.write_async(0, "none", writes({1}).front(), reply);
    sim::require(std::holds_alternative<sim_batcher::batch_answer>(direct), "a namespace without a window waited");
    const auto done = batcher.write_async(0, "slow", writes({2}).front(), reply, nullptr, std::chrono::milliseconds(5));
    sim::require(std::holds_alternative<sim_batcher::queued>(done) && !later, "not queued");
    sim::require(batcher.flush(0), "no flush");
    sim::require(later && *later == std::vector<std::uint64_t>{1}, "another answer");
  });
}

TEST(window_batcher, wrong_windows_are_refused) {
  namespace_windows<thread_runtime> windows;
  EXPECT_EQ(windows.set("a:b", default_window).error(), window_error::bad_prefix);
  EXPECT_EQ(windows.set("a", std::chrono::seconds(11)).error(), window_error::too_long);
  EXPECT_EQ(windows.set("a", std::chrono::nanoseconds(-1)).error(), window_error::negative);
  EXPECT_TRUE(windows.set("a", longest_window));
  EXPECT_EQ(windows.of("a"), longest_window);
  EXPECT_EQ(windows.of("b"), default_window);
  EXPECT_EQ(prefix_of("a:b:c"), "a");
  EXPECT_EQ(prefix_of("abc"), "_root");
}

}  // namespace
}  // namespace wavetank::batch_tests::window_batcher_test

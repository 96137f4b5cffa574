// How maintenance takes shards from their writers, step by step.
#include <wavetank/impl/batch/write_pause.h>

#include <wavetank/props/batch/recorded_backend.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::write_pause_test {
namespace {

using namespace std::chrono_literals;
using batcher_type = window_batcher<sim::runtime, props::recorded_backend>;
using gate_type = sync_gate<sim::runtime>;

void expect_holds(const std::function<void(sim::world&)>& body) {
  sim::campaign_options options;
  options.schedules = 3'000;
  const auto r = sim::run_campaign(sim::scenario_property("pause", body, {}), options);
  ASSERT_FALSE(r.failure) << r.failure->what.message << '\n' << r.failure->told;
}

sim::time_point in(std::chrono::nanoseconds time) { return sim::scheduler::here().now() + time; }

constexpr std::uint64_t barrier_number = 100;
props::recorded_write barrier(shard_number) { return {barrier_number, 0, false, false}; }

struct scene {
  explicit scene(sim::world& w) : world(w), gate(w.runtime(), 1), batcher(w.runtime(), backend, {0}) {}

  auto pause(sim::time_point deadline) {
    return pause_writes(world.runtime(), gate, batcher, std::vector<shard_number>{0}, barrier, deadline);
  }
  /// Comes through the gate and writes in a namespace whose window is 10 s.
  void write(std::uint64_t number) {
    const auto inside = gate.enter(0);
    const auto said = batcher.write(0, "slow", {number, 0, false, false}, 10s);
    sim::require(said.has_value(), "a write has failed");
  }

  sim::world& world;
  props::recorded_backend backend{};
  gate_type gate;
  batcher_type batcher;
};

TEST(write_pause, waits_for_no_window) {
  expect_holds([](sim::world& w) {
    scene s{w};
    w.spawn("writer", [&] { s.write(1); });
    w.runtime().sleep_until(in(1ms));
    const auto held = s.pause(in(1s));
    sim::require(held.has_value(), "the writer kept it from its pause");
    sim::require(s.backend.log().size() == 2 && s.backend.log().back().number == barrier_number, "no barrier");
    sim::require(held->barriers == std::vector<std::uint64_t>{1}, "not what the backend answered to the barrier");
  });
}

TEST(write_pause, waits_for_no_window_of_who_was_inside_and_writes_again) {
  expect_holds([](sim::world& w) {
    scene s{w};
    w.spawn("writer", [&] {
      const auto inside = s.gate.enter(0);
      for (const std::uint64_t number : {1U, 2U, 3U}) {
        const auto said = s.batcher.write(0, "slow", {number, 0, false, false}, 10s);
        sim::require(said.has_value(), "a write has failed");
      }
    });
    w.runtime().sleep_until(in(1ms));
    sim::require(s.pause(in(1s)).has_value(), "the writer kept it from its pause");
    sim::require(s.backend.log().size() == 4, "something is on its way");
  });
}

TEST(write_pause, ends_at_its_deadline_and_lets_writers_go_on) {
  expect_holds([](sim::world& w) {
    scene s{w};
    const auto inside = s.gate.enter(0);
    const auto deadline = in(1s);
    const auto held = s.pause(deadline);
    sim::require(!held && held.error() == pause_error{pause_step::drain, gate_error::timed_out}, "another answer");
    sim::require(sim::scheduler::here().now() == deadline, "at another moment");
    sim::require(s.gate.pauses(0) == 0 && s.backend.log().empty(), "something is left");
    s.write(1);
  });
}

TEST(write_pause, is_not_held_without_its_barrier) {
  for (const auto kind : {commit_error::kind::failed, commit_error::kind::unknown}) {
    expect_holds([kind](sim::world& w) {
      scene s{w};
      s.backend.failures[1] = kind;
      const auto held = s.pause(in(1s));
      sim::require(!held && held.error().at == pause_step::barrier, "a pause without a barrier");
      const auto& why = std::get<write_error>(held.error().why);
      const bool known = kind == commit_error::kind::failed;
      sim::require(why.what == (known ? write_problem::not_committed : write_problem::unknown_outcome),
                   "another error");
      sim::require(s.gate.pauses(0) == 0, "the pause goes on");
    });
  }
}

TEST(write_pause, of_a_shard_that_is_not_there_is_refused) {
  expect_holds([](sim::world& w) {
    scene s{w};
    const auto held = pause_writes(w.runtime(), s.gate, s.batcher, std::vector<shard_number>{0, 1}, barrier, in(1s));
    sim::require(!held && held.error() == pause_error{pause_step::gate, gate_error::no_shard}, "another answer");
    sim::require(s.gate.pauses(0) == 0, "the other shard is paused");
  });
}

TEST(write_pause, errors_say_what_was_not_reached) {
  EXPECT_EQ(to_string(pause_error{pause_step::drain, gate_error::timed_out}),
            "no pause: the writers inside did not leave: " + std::string{to_string(gate_error::timed_out)});
  EXPECT_EQ(
      to_string(pause_error{pause_step::barrier, write_error{write_problem::shutting_down}, 3}),
      "no pause: the barrier of shard 3 was not written: " + to_string(write_error{write_problem::shutting_down}));
}

}  // namespace
}  // namespace wavetank::batch_tests::write_pause_test

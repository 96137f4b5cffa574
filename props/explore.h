// Explore a scenario in a GoogleTest: a property of one's own component in a few lines.
//
//   TEST(Mailbox, LosesNothing) {
//     wavetank::explore([](wavetank::sim::world& world) {
//       mailbox<wavetank::sim::runtime> box{world.runtime()};
//       world.spawn("producer", [&] { box.put(1); });
//       world.spawn("consumer", [&] { EXPECT_EQ(box.take(), 1); });
//       world.join_all();
//     });
//   }
//
// `EXPECT_*` and `ASSERT_*` that do not hold count for the execution in which they happen; the failure is shrunk and
// reported once, as a failure of the test, with the line that replays it. The scenario runs many times, on threads of
// its own: it must not touch what outlives it, except through what it captures and resets itself. Link wavetank::gtest.
#pragma once

#include <functional>
#include <string>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/world.h>

namespace wavetank {

struct explore_options {
  /// Executions at most. An exhaustive search of a small scenario ends earlier.
  std::uint64_t schedules = 20'000;
  /// As `sim::campaign_options::strategy`; `auto` searches exhaustively for the first half of the budget and, where
  /// that does not end, samples with `mix` for the rest.
  std::string strategy = "auto";
  std::uint64_t seed = 1;
  unsigned jobs = 1;
  /// Faults that the scenario promises to survive.
  sim::scenario budget{};
};

/// What was explored, for those who want to look.
struct explore_result {
  sim::campaign_result campaign;
  bool passed = true;
};

/// Explores `scenario` under the running GoogleTest and fails it with the shrunk story if an execution fails. With
/// `--wavetank_replay=FILE` on the command line (or WAVETANK_REPLAY in the environment) it replays that trace instead,
/// in the test that it belongs to. Traces of failures are written to the directory `wavetank-traces` (or
/// WAVETANK_TRACES).
explore_result explore(std::function<void(sim::world&)> scenario, const explore_options& options = {});

/// The same without a test around it: nothing is reported or written.
sim::campaign_result explore_quietly(std::function<void(sim::world&)> scenario, const explore_options& options = {},
                                     const std::string& name = "scenario");

}  // namespace wavetank

// Many executions of one property: drawn, run, checked for determinism, and a failure made small.
//
// Execution i of a campaign is a function of (property, seed, strategy, i) alone, not of the number of jobs or of the
// time limit. Workers are OS threads with a world each; a failure that is reported is the one of the lowest i.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include <wavetank/sim/property.h>
#include <wavetank/sim/reproduction.h>
#include <wavetank/sim/strategy.h>
#include <wavetank/sim/trace.h>

namespace wavetank::sim {

struct campaign_options {
  /// `random`, `pct(D)`, `exhaustive`, `exhaustive(plain)` or `mix` (random walks and PCT of several depths in turn).
  std::string strategy = "mix";
  std::uint64_t seed = 1;
  /// Executions at most; over all shards.
  std::uint64_t schedules = 10'000;
  /// Wall time at most; zero: no limit.
  std::chrono::milliseconds time_limit{0};
  unsigned jobs = 1;
  /// This shard takes the executions i with i mod shard_count = shard_index.
  std::uint32_t shard_index = 0;
  std::uint32_t shard_count = 1;
  /// Every n-th execution is run twice and compared event by event; 0: none.
  /// Not in step with the sizes of cases and the strategies of `mix`, so that it meets each of them.
  std::uint32_t check_determinism_every = 61;
  /// Executions spent on making a failure small.
  std::uint64_t shrink_runs = 4'000;
  /// Faults that executions may draw, where not the property's own budget.
  std::optional<scenario> budget;
  /// Set from outside to end the campaign soon.
  const std::atomic<bool>* stop = nullptr;
  /// Told now and then how many executions are done; from a worker's thread, one call at a time.
  std::function<void(std::uint64_t)> progress;
};

struct campaign_failure {
  std::uint64_t execution = 0;  // its number in the campaign, from 0
  verdict what;
  trace original;
  trace smallest;
  std::string told;  // the story of the smallest
  std::uint64_t shrink_runs = 0;
};

struct campaign_result {
  std::uint64_t executions = 0;
  std::uint64_t redundant = 0;  // of an exhaustive search
  std::uint64_t steps = 0;
  std::uint64_t decisions = 0;
  bool exhausted = false;
  double seconds = 0;
  std::optional<campaign_failure> failure;
  std::vector<std::string> warnings;
  std::map<std::string, std::uint64_t> reached;  // in how many executions

  bool failed() const noexcept { return failure.has_value(); }
};

/// The strategy of a name, or what is wrong with it.
tl::expected<std::unique_ptr<strategy>, std::string> make_strategy(const std::string& name);

campaign_result run_campaign(const property& p, const campaign_options& options);

/// Replays a trace of the property. Strictly: the outcome is `diverged` at the first difference. The story is kept.
reproduction replay(const property& p, const trace& t, std::shared_ptr<const test_case> what, bool tolerant);

/// The scenario of an execution, drawn within a budget.
scenario draw_scenario(const scenario& budget, std::uint64_t seed);

/// Runs `f` on a thread of its own, where worlds can live, and rethrows what it throws.
void on_world_thread(const std::function<void()>& f);

}  // namespace wavetank::sim

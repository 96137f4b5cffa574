#include <wavetank/props/explore.h>

#include <utility>

#include <wavetank/sim/scenario_property.h>

namespace wavetank {

namespace {

sim::campaign_result run(const sim::property& p, const explore_options& options, const std::string& strategy,
                         std::uint64_t schedules) {
  sim::campaign_options o;
  o.strategy = strategy;
  o.schedules = schedules;
  o.seed = options.seed;
  o.jobs = options.jobs;
  return sim::run_campaign(p, o);
}

/// What both found, the sampling second.
sim::campaign_result sum(sim::campaign_result searched, sim::campaign_result sampled) {
  sampled.executions += searched.executions;
  sampled.redundant += searched.redundant;
  sampled.steps += searched.steps;
  sampled.decisions += searched.decisions;
  sampled.seconds += searched.seconds;
  if (sampled.failure) sampled.failure->execution += searched.executions;
  for (const auto& [what, times] : searched.reached) sampled.reached[what] += times;
  sampled.warnings.insert(sampled.warnings.end(), searched.warnings.begin(), searched.warnings.end());
  return sampled;
}

}  // namespace

sim::campaign_result explore_quietly(std::function<void(sim::world&)> scenario, const explore_options& options,
                                     const std::string& name) {
  const sim::scenario_property p(name, std::move(scenario), options.budget);
  if (options.strategy != "auto") return run(p, options, options.strategy, options.schedules);
  const std::uint64_t half = (options.schedules + 1) / 2;
  auto searched = run(p, options, "exhaustive", half);
  if (searched.exhausted || searched.failed() || searched.executions < half) return searched;
  auto sampled = run(p, options, "mix", options.schedules - half);
  return sum(std::move(searched), std::move(sampled));
}

}  // namespace wavetank

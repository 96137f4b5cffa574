#include <wavetank/tools/interesting_run.h>

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/random.h>
#include <wavetank/sim/strategies/random_walk.h>

namespace wavetank::tools {

namespace {

/// How many kinds of transitions other than running a task there are.
std::size_t kinds_of_faults(std::span<const sim::decision> decisions) {
  std::array<bool, 4> seen{};
  for (const auto& d : decisions) {
    if (d.kind != sim::decision_kind::schedule) continue;
    seen[static_cast<std::size_t>(sim::transition::from_code(d.choice).kind())] = true;
  }
  return static_cast<std::size_t>(std::count(seen.begin() + 1, seen.end(), true));
}

}  // namespace

std::optional<sim::trace> most_interesting_run(const sim::property& p, std::uint64_t seed, std::uint64_t runs,
                                               const std::atomic<bool>& stop) {
  std::optional<sim::trace> best;
  std::tuple<std::size_t, std::size_t> least{4, 0};
  sim::on_world_thread([&] {
    sim::scheduler world;
    for (std::uint64_t i = 0; i < runs && !stop.load(std::memory_order_relaxed); ++i) {
      const std::uint64_t own_seed = sim::execution_seed(seed, i);
      const auto what = p.generate(sim::substream(own_seed, "commands"), static_cast<std::uint32_t>(5 + i % 40));
      const auto bounds = sim::draw_scenario(p.budget(), own_seed);
      sim::random_walk walk;
      walk.begin(own_seed);
      const auto result = sim::run_once(world, *what, bounds, walk);
      const std::tuple score{3 - kinds_of_faults(world.decisions()), world.decisions().size()};
      if (result.what.failed() || score >= least) continue;
      least = score;
      sim::repeat again(world.decisions());
      best = sim::make_trace(sim::tell(world, what, bounds, again), p.name(), own_seed, walk.name());
    }
  });
  return best;
}

}  // namespace wavetank::tools

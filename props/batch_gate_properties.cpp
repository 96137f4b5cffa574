#include <wavetank/props/batch/gate_scenarios.h>
#include <wavetank/props/batch_properties.h>
#include <wavetank/sim/runtime.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> batch_gate_catalogue() {
  using gate = sync_gate<sim::runtime>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](const char* name, std::function<void(sim::world&)> body, std::uint32_t kills) {
    sim::scenario budget;
    budget.kills = kills;
    all.push_back(std::make_unique<sim::scenario_property>(name, std::move(body), budget));
  };
  add(
      "batch.gate.scope.drained", [](sim::world& w) { writer_and_pauser<gate>(w); }, 1);
  add(
      "batch.gate.scope.lost", [](sim::world& w) { lost_pause<gate>(w); }, 0);
  return all;
}

}  // namespace wavetank::props

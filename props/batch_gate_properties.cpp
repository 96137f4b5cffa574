#include <wavetank/props/batch/gate_program.h>
#include <wavetank/props/batch/gate_refinement.h>
#include <wavetank/props/batch/gate_scenarios.h>
#include <wavetank/props/batch_properties.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/semaphore_budgets.h>
#include <wavetank/sim/runtime.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::props {

namespace {

program_property gates_side_by_side() {
  return program_property{
      {"batch.gate.concurrent",
       "nobody is inside under a drained pause, a lost pause is never called drained, nothing leaks",
       gate_words(1, 3),
       [](sim::world& w, const program& p) {
         gate_program{w, p}.run();
       },
       semaphore_faults(),
       {"drained", "not drained at its deadline", "drained under the pause of another", "a pause was lost",
        "a pause was ended by another task", "two shards were entered", "a writer waited for the end of a pause",
        "a writer was turned away", "an admission was handed over", "an admission was handed to the dead",
        "an admission had ended with its owner"}}};
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> batch_gate_catalogue() {
  using gate = sync_gate<sim::runtime>;
  std::vector<std::unique_ptr<const sim::property>> all;
  all.push_back(std::make_unique<program_property>(program_property_parts{
      "batch.gate.refines",
      "every step of a run, from a publication to the look that follows it, is one of the gate's model",
      gate_refinement_words(),
      run_gate_refinement,
      semaphore_faults(),
      {"admitted", "sent back", "drained", "a writer died inside", "a pauser died"}}));
  const auto add = [&](const char* name, std::function<void(sim::world&)> body, std::uint32_t kills) {
    sim::scenario budget;
    budget.kills = kills;
    all.push_back(std::make_unique<sim::scenario_property>(name, std::move(body), budget));
  };
  all.push_back(std::make_unique<program_property>(gates_side_by_side()));
  add(
      "batch.gate.scope.drained", [](sim::world& w) { writer_and_pauser<gate>(w); }, 1);
  add(
      "batch.gate.scope.lost", [](sim::world& w) { lost_pause<gate>(w); }, 0);
  return all;
}

}  // namespace wavetank::props

#include <wavetank/props/batch/pause_program.h>
#include <wavetank/props/batch_properties.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/semaphore_budgets.h>

namespace wavetank::props {

namespace {

void run_pauses(sim::world& w, const program& p) { pause_program{w, p}.run(); }

program_property pauses_side_by_side() {
  return program_property{{"batch.pause.concurrent",
                           "while a pause is held nothing is committed, and its barriers are the last that was",
                           pause_words(1, 3),
                           run_pauses,
                           semaphore_faults(),
                           {"paused", "not drained", "no barrier", "drained by the gate alone", "killed in a pause",
                            "killed in a write", "a writer waited for the end of a pause", "a writer was turned away",
                            "its deadline came in flight", "withdrawn at its deadline"}}};
}

program_property pause_scope(std::string name, std::string summary, std::vector<std::string> commands,
                             sim::scenario budget = {}) {
  return program_property{
      {std::move(name), std::move(summary), pause_words(2, 2), run_pauses, budget, {}, std::move(commands)}};
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> batch_pause_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(pauses_side_by_side());
  sim::scenario
      one_timer;  // the deadline, and one more; all of them would be endless, for a drain looks again and again
  one_timer.early_timers = 1;
  add(pause_scope("batch.pause.scope.deadline",
                  "every schedule of a pause and a write whose deadline comes in flight, with a timer that is early",
                  {"a async within=1", "b pause hold=1"}, one_timer));
  sim::scenario one_death;
  one_death.kills = 1;
  add(pause_scope("batch.pause.scope.death", "every schedule of a pause and a write, with a death",
                  {"a batch", "b pause hold=1"}, one_death));
  return all;
}

}  // namespace wavetank::props

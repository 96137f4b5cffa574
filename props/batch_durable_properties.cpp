#include <wavetank/props/batch/durable_batcher_run.h>
#include <wavetank/props/batch_properties.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/semaphore_budgets.h>

namespace wavetank::props {

namespace {

program_property durable_writes() {
  return program_property{
      {"batch.durable.crashes",
       "what a batcher over the log acknowledged survives every crash, and every answer is true after it",
       durable_batcher_words(1, 3),
       run_durable_batcher,
       semaphore_faults(),
       {"acknowledged, crashed, recovered", "writes shared a commit", "a write of unknown outcome was there",
        "a write of unknown outcome was gone", "nobody knows the outcome", "the log refused", "refused alone",
        "the task that committed was killed", "its deadline came in flight", "withdrawn at its deadline",
        "old segments were discarded"}}};
}

program_property durable_scope(std::string name, std::string summary, std::vector<std::string> commands,
                               sim::scenario budget = {}) {
  return program_property{{std::move(name),
                           std::move(summary),
                           durable_batcher_words(2, 2),
                           run_durable_batcher,
                           budget,
                           {},
                           std::move(commands)}};
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> batch_durable_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(durable_writes());
  for (const auto& [mode, name] : {std::pair{"0", "posix"}, {"1", "linux"}, {"2", "journal"}}) {
    add(durable_scope(std::string{"batch.durable.scope.crash."} + name,
                      std::string{"every schedule of two writers and every power loss, "} + name + " names",
                      {std::string{"with mode="} + mode + " power_cuts=1", "a batch", "b batch"}));
  }
  return all;
}

}  // namespace wavetank::props

#include <wavetank/props/batch_batcher_properties.h>

#include <wavetank/props/batch/batcher_lockstep.h>
#include <wavetank/props/batch/pipelined_recorded_backend.h>
#include <wavetank/props/batch_properties.h>

namespace wavetank::props {

namespace {

/// One call at a time beside the model: which write is in which batch, when that goes and why, who is told what, when.
program_property batcher_in_lockstep() {
  return program_property{
      in_turn({"batch.batcher.lockstep",
               "one call at a time: batches, their moments and reasons, and answers are the model's",
               batcher_lockstep_words(),
               [](sim::world& w, const program& p) {
                 batcher_lockstep{w, p}.run();
               },
               {},
               {"writes shared a commit",
                "went by timer",
                "went by count",
                "went by bytes",
                "went by work",
                "went by completion",
                "went by flush",
                "went at once",
                "went to keep the order",
                "went by rollover",
                "a direct write waited for what its task had queued",
                "a direct write came to its deadline",
                "a flush waited",
                "a flush timed out",
                "a stop came to its deadline",
                "a window was refused",
                "overloaded",
                "too large",
                "refused while shutting down",
                "refused alone",
                "nothing was submitted",
                "nobody knows the outcome",
                "withdrawn at its deadline",
                "its deadline came in flight",
                "left over by a stop",
                "destroyed while it was queued",
                "destroyed while it was in flight"}})};
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> batch_batcher_catalogue() {
  using batcher = window_batcher<sim::runtime, recorded_backend>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(batcher_concurrent<batcher>(
      "batch.batcher.concurrent",
      "every write is answered once, with its own result, in its submitter's order, and the log agrees"));
  add(batcher_scope<batcher>("batch.batcher.scope.natural", "every schedule of two writers that share commits", 2,
                             {"with max_items=2", "a batch", "b batch"}));
  sim::scenario one_death;
  one_death.kills = 1;
  add(batcher_scope<batcher>("batch.batcher.scope.death", "every schedule of a writer and a flush, with a death", 2,
                             {"with max_items=2", "a batch", "b flush"}, one_death));
  sim::scenario all_timers;
  all_timers.early_timers = 1'000;
  add(batcher_scope<batcher>("batch.batcher.scope.order", "every schedule of a put and an erasure of one writer", 1,
                             {"with max_items=2", "a async kind=1", "a async kind=2"}, all_timers));
  all.push_back(std::make_unique<program_property>(batcher_in_lockstep()));
  using pipelined = window_batcher<sim::runtime, pipelined_recorded_backend>;
  add(batcher_concurrent<pipelined>(
      "batch.batcher.pipelined", "the same with up to three commits in flight, answered in their order",
      {"begun behind another", "finished before the one before it", "lost with the one before it"}));
  add(batcher_scope<pipelined>("batch.batcher.scope.in_flight", "every schedule of two full slots, both in flight", 2,
                               {"with max_items=2 commits=2", "a async count=2", "b async count=2"}));
  add(batcher_scope<pipelined>("batch.batcher.scope.in_flight_death",
                               "the same of one that is waited for, with a death", 2,
                               {"with max_items=2 commits=2", "a batch count=2", "b async count=2"}, one_death));
  return all;
}

}  // namespace wavetank::props

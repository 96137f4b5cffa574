#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/buffer/buffer_properties.h>
#include <wavetank/props/buffer/map_run.h>
#include <wavetank/props/buffer/partitions_run.h>
#include <wavetank/props/buffer/queue_lockstep.h>
#include <wavetank/props/buffer/queue_run.h>
#include <wavetank/props/buffer/swap_run.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/semaphore_budgets.h>

namespace wavetank::props {

namespace {

void run_queue(sim::world& w, const program& p) { queue_run{w, p}.run(); }

/// What programs of puts into queues must reach, and what a property must reach besides.
std::vector<std::string> landmarks_of_queues(std::vector<std::string> besides) {
  std::vector<std::string> all{"a flush has answered",
                               "a flush did not come to its end",
                               "a put found no room",
                               "a put waited for room to its deadline",
                               "a put was told that it is closed",
                               "the newest was dropped",
                               "the oldest was dropped",
                               "the processor threw",
                               "the processor timed out",
                               "the processing task died",
                               "the processor pushes",
                               "the partition was stuck behind a call",
                               "a task of the partition was replaced",
                               "killed while waiting for room",
                               "a stop gave back what was left",
                               "a stop left a call that hangs",
                               "a stop delivered what was left"};
  all.insert(all.end(), besides.begin(), besides.end());
  return all;
}

/// Tasks side by side with deaths, also of the partition's own tasks, and a processor that throws, hangs, ends its task
/// and pushes (D1 to D7).
program_property partition_concurrent() {
  return program_property{
      {"buffer.partition.concurrent",
       "what is accepted is accounted, a producer's records keep their order, one processor at a time, flush and stop",
       queue_run_words(1, 3, 6), run_queue, semaphore_faults(),
       landmarks_of_queues(
           {"a writer met a swap", "a batch is given again after a throw", "a batch is given again at least once",
            "a batch failed and a later one of its table was delivered", "a batch went to the dead letters",
            "killed while it held a lease", "a stop came while the processor was at work",
            "a producer put through a writer of its own"})}};
}

/// Several partitions under one bound, with deaths and a processor that fails, hangs and pushes (D1 to D7).
program_property partitions_concurrent() {
  return program_property{
      {"buffer.partitions.concurrent",
       "each of several partitions under one bound accounts for what it took; flush, update and "
       "stop are of all of them",
       partitions_words(1, 3, 6),
       [](sim::world& w, const program& p) {
         partitions_run{w, p}.run();
       },
       semaphore_faults(),
       landmarks_of_queues({"several partitions took a push", "a push was refused by one of its partitions",
                            "two partitions were processed side by side"})}};
}

/// One task, step by step beside the model: exact answers, counts, batches and what a stop gives back.
program_property partition_lockstep() {
  return program_property{
      in_turn({"buffer.partition.lockstep",
               "one task's calls, the batches and the counts agree with the model at every step",
               queue_words(0, 0, 12),
               [](sim::world& w, const program& p) {
                 queue_lockstep{w, p}.run();
               },
               {},
               {"a put was accepted", "a put found no room", "a put was too large", "a put waited to its deadline",
                "a put was told that it is closed", "a batch failed", "a batch is tried again", "a flush has answered",
                "a stop has drained", "a stop left something over", "a stop came while the processor was at work"}})};
}

/// The protocol of the swap (D1 to D5, D9): what writers, drainer and processor do, step by step.
program_property swap_refines() {
  return program_property{
      {"buffer.swap.refines",
       "every step of a run, from the resolution of a table to its recycling, is one of the swap's model",
       swap_words(1, 3, 5),
       [](sim::world& w, const program& p) {
         swap_run{w, p}.run();
       },
       semaphore_faults(),
       {"a writer found its shard closed",
        "a writer met its table in a later generation",
        "a writer registered too late",
        "a put found no room",
        "a put waited for room to its deadline",
        "a writer died before it had written",
        "a writer died after it had written",
        "a swap came while a writer was inside",
        "a shard was left to a later generation",
        "what came after a late writer waited for it",
        "all that a swap found was left",
        "what was left was taken up without a swap",
        "a table was used again",
        "a batch was given again",
        "the processor got a whole table",
        "the processor threw",
        "the processor timed out",
        "the processing task died",
        "a late call has returned",
        "a flush has answered",
        "a flush came beside a stop",
        "a stop came while a writer was inside",
        "a stop found a writer inside",
        "a stop came while a table was in flight",
        "a stop gave up a call",
        "a stop has drained",
        "a stop came to its deadline"}}};
}

/// Tasks side by side on a few keys, with bounds, floors, deaths, and a processor that throws now and then (D1, D8
/// and D10).
program_property map_concurrent() {
  return program_property{
      {"buffer.map.concurrent",
       "puts, newer puts, gets and erasures of a key are linearizable, across swaps, deliveries, bounds and deaths",
       map_words(1, 3, 6),
       [](sim::world& w, const program& p) {
         map_run{w, p}.run();
       },
       semaphore_faults(),
       {"a value was replaced", "stale because of the table in flight", "stale because of what was delivered", "stale",
        "read through to the table in flight", "erased what is in flight", "an entry was updated before its delivery",
        "a record was superseded", "a put found no room", "a put was dropped", "the processing task died unseen",
        "an entry went for another one", "several were put at once", "a batch was given again"}}};
}

/// A fixed program of it, for exhaustive search.
program_property swap_scope(std::string name, std::string summary, std::vector<std::string> commands,
                            std::vector<std::string> must_reach) {
  return program_property{{std::move(name),
                           std::move(summary),
                           swap_words(2, 2, 4),
                           [](sim::world& w, const program& p) {
                             swap_run{w, p}.run();
                           },
                           {},
                           std::move(must_reach),
                           std::move(commands)}};
}

/// A fixed program, for exhaustive search.
program_property partition_scope(std::string name, std::string summary, std::uint32_t tasks,
                                 std::vector<std::string> commands, sim::scenario budget = {}) {
  return program_property{{std::move(name),
                           std::move(summary),
                           queue_run_words(tasks, tasks, 4),
                           run_queue,
                           budget,
                           {},
                           std::move(commands)}};
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> buffer_partition_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(partition_concurrent());
  add(partitions_concurrent());
  add(map_concurrent());
  add(partition_lockstep());
  add(swap_refines());
  add(partition_scope("buffer.scope.writer",
                      "every schedule of a flush and a put through a writer, before and after it", 2,
                      {"with end=1 writers=1", "a put", "b flush", "a put"}));
  sim::scenario one_death;
  one_death.kills = 1;
  add(partition_scope("buffer.scope.stop",
                      "every schedule of a stop at its deadline while one table is processed and one waits", 1,
                      {"with threshold=1 end=2", "a put", "a put"}));
  add(partition_scope("buffer.scope.swap", "every schedule of a flush and a writer that meets its swap", 2,
                      {"with end=1", "a put", "b flush"}));
  add(partition_scope("buffer.scope.writers", "every schedule of two writers and a flush of one of them", 2,
                      {"with end=1", "a put", "a flush", "b put"}));
  add(partition_scope("buffer.scope.death", "every schedule of a writer that may die in its lease, and a flush", 2,
                      {"with end=1", "a hold", "b flush"}, one_death));
  add(partition_scope("buffer.scope.throw", "every schedule of a put while a processor throws and another one follows",
                      2, {"with batch=1 end=1", "main plan", "a put count=2", "a flush", "b put"}));
  add(swap_scope("buffer.swap.scope.stop", "every step of a stop beside a writer that is in its lease",
                 {"with end=1", "a hold", "b stop"},
                 {"a stop came while a writer was inside", "a writer registered too late", "a stop has drained"}));
  add(swap_scope(
      "buffer.swap.scope.deadline", "every step of a stop at its deadline beside a writer that is in its lease",
      {"with end=1", "a hold", "b halt"},
      {"a stop came while a writer was inside", "a stop found a writer inside", "a stop came to its deadline"}));
  add(swap_scope("buffer.swap.scope.rivals", "every step of a stop by one writer beside another one of the same shard",
                 {"with end=1", "a hold", "b put", "b stop"},
                 {"a writer waited for its shard", "a writer registered too late", "a stop found a writer inside"}));
  add(swap_scope("buffer.swap.scope.straggler", "every step of a swap beside a writer that is in its lease",
                 {"with end=1", "a hold", "b put", "b flush"},
                 {"a swap came while a writer was inside", "a writer registered too late"}));
  return all;
}

}  // namespace wavetank::props

#include <wavetank/props/table/table_properties.h>

#include <utility>

#include <wavetank/props/program/judge.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/program/program_run.h>
#include <wavetank/props/table/table_run.h>
#include <wavetank/props/table/table_words.h>

namespace wavetank::props {

namespace {

void run_in_turn(sim::world& w, const program& p) {
  table_run in{w, p, true};
  const watched_run watch{w, [&in] { in.look(); }};
  table_actor main{in, 0};
  in.run_tasks_in_turn();
  in.conclude(main);
  judge_in_lockstep(w, model::reservation_by_key{}, in.recorded());
}

void run_side_by_side(sim::world& w, const program& p) {
  table_run in{w, p, false};
  const watched_run watch{w, [&in] { in.look(); }};
  table_actor main{in, 0};
  in.run_tasks_concurrently(main);
  in.conclude(main);
  judge(w, model::reservation_by_key{}, in.recorded());
}

/// Two deaths at most, so that survivors stay to be harmed; timers that overtake work, so that reservations expire and
/// deadlines come in the midst of it; waits that wake for nothing.
sim::scenario faults() {
  sim::scenario budget;
  budget.kills = 2;
  budget.early_timers = 4;
  budget.spurious_wakeups = 2;
  return budget;
}

sim::scenario one_death() {
  sim::scenario budget;
  budget.kills = 1;
  return budget;
}

std::unique_ptr<const sim::property> scope(std::string name, std::string summary, std::vector<std::string> commands) {
  return std::make_unique<program_property>(program_property_parts{std::move(name),
                                                                   std::move(summary),
                                                                   table_words(2, 2, 4),
                                                                   run_side_by_side,
                                                                   one_death(),
                                                                   {},
                                                                   std::move(commands)});
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> reservation_table_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  all.push_back(std::make_unique<program_property>(
      in_turn({"cache.reservation.lockstep",
               "one call at a time answers as the model does, with deaths and expiry to the nanosecond",
               table_words(0, 3, 10),
               run_in_turn,
               {},
               {"adopted what a writer left", "a reservation recovered what was there", "a late writer was refused",
                "a claim outlived its owner", "an unlink failed", "a writer abandoned its reservation"}})));
  all.push_back(std::make_unique<program_property>(program_property_parts{
      "cache.reservation.concurrent",
      "writers, readers, evictions and sweeps side by side, with deaths and expiry anywhere, are linearizable",
      table_words(2, 4, 5),
      run_side_by_side,
      faults(),
      {"adopted what a writer left", "a reservation recovered what was there", "a late writer was refused",
       "a claim outlived its owner", "an unlink failed", "a writer abandoned its reservation", "killed while waiting",
       "waited for a row", "waited for a miss", "missed at its deadline"}}));
  all.push_back(
      scope("cache.reservation.scope.death", "every schedule of a writer that may die and of a reader",
            {"a reserve #1", "a link token=#1", "a mark token=#1", "b wait within=1", "b reserve #2", "b lookup"}));
  all.push_back(scope("cache.reservation.scope.cancel",
                      "every schedule of a writer that gives up, a waiter and a reader",
                      {"a reserve #1", "a link token=#1", "a cancel token=#1", "b wait", "b lookup"}));
  all.push_back(scope("cache.reservation.scope.evict",
                      "every schedule of an eviction, a claim and a reader without lock",
                      {"main save #1", "a checkout #2", "a lookup", "b evict", "b save #3"}));
  return all;
}

}  // namespace wavetank::props

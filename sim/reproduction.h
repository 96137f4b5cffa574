// A failing execution that can be run again: the case, the scenario and the labelled decisions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <wavetank/sim/engine/scheduler.h>
#include <wavetank/sim/property.h>
#include <wavetank/sim/strategies/recording.h>
#include <wavetank/sim/trace.h>

namespace wavetank::sim {

struct reproduction {
  std::shared_ptr<const test_case> what;
  scenario bounds;
  std::vector<labelled_decision> decisions;
  scheduler::result result;
  std::string told;  // the story

  std::size_t deviations() const;
};

/// Runs a case once with its events kept.
reproduction tell(scheduler& s, std::shared_ptr<const test_case> what, const scenario& bounds, strategy& answers,
                  std::uint64_t seed = 0);

/// Runs a case once, without telling.
scheduler::result run_once(scheduler& s, const test_case& what, const scenario& bounds, strategy& answers);

/// Makes a failing execution small: fewer deviations from the calmest schedule, a simpler program, smaller budgets, the
/// same kind of verdict. A shrink counts only if it fails in the same way. At most `max_runs` executions.
struct shrink_result {
  reproduction smallest;
  std::uint64_t runs = 0;
  std::uint64_t accepted = 0;
};
shrink_result shrink(scheduler& s, reproduction failing, std::uint64_t max_runs);

/// The trace of a reproduction.
trace make_trace(const reproduction& r, std::string property, std::uint64_t seed, std::string strategy);

}  // namespace wavetank::sim

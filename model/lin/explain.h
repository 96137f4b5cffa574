// Why a history is not linearizable, in terms that a person can check by hand.
//
// - The minimal failing prefix: the first return that no order passes. What was called before it but had not returned
// may have happened, with the answer that it
//   gave later, or not.
// - The core: operations that contradict each other by themselves. Each completed operation of the prefix in turn is
//   relaxed (it may have happened at any time after its call or never, whatever it answered); if the rest still
//   contradicts, it stays relaxed. What is left cannot lose another one.
// - For each state in which the failing return was met, what the model would have answered.
// - Weaker criteria that the history meets: other meanings of a crash, sequential consistency, or real time but for one
//   pair of operations.
//
// Each question is a search of its own with its own limit in configurations; a question that runs into it counts as
// unanswered (`core_is_minimal` false, criterion not listed). Deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/model/lin/portfolio.h>
#include <wavetank/model/lin/subject.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

struct explain_limits {
  std::uint64_t configurations_a_question = 100'000;    ///< for each relaxation that is tried
  std::uint64_t configurations_for_states = 4'000'000;  ///< to enumerate the surviving states
  std::size_t most_pairs = 64;                          ///< pairs of the core tried for "but for"
};

struct explanation {
  std::string key;  ///< of the partition that failed
  op_id stopped_at = no_op;
  instant stopped_when = 0;
  std::size_t prefix_operations = 0;  ///< called before the failing return
  std::vector<op_id> order;           ///< the longest order that was found
  std::vector<op_id> not_placed;      ///< open at the failing return and not in `order`, the failing one first
  std::vector<op_id> core;            ///< in the order of their calls
  bool core_is_minimal = false;

  /// A state in which some order arrived at the failing return, and how the model refuses to go on.
  struct surviving_state {
    std::string state;
    struct refused {
      op_id op;
      std::vector<std::string> allowed;  ///< answers that the model allows there; empty: the call is not enabled
    };
    std::vector<refused> refusals;  ///< operations open there that this state does not allow, the failing one first
  };
  std::vector<surviving_state> states;
  bool states_are_all = false;

  bool sequentially_consistent = false;  ///< of this partition: each client's own order suffices
  struct pair {
    op_id before;
    op_id after;
  };
  std::optional<pair> but_for;          ///< linearizable, had `before` not returned before `after` was called
  std::vector<criterion> passes_under;  ///< weaker meanings of a crash
};

/// Explains one subject, built with relaxations, in which the search stopped at `report.stopped_at`.
[[nodiscard]] explanation explain_subject(subject& what, const partition_report& report, const explain_limits& limits);

/// Explains why `what` failed. `failed` must be the verdict `not_linearizable` for the same model, history, options.
template <model::state_machine Model>
[[nodiscard]] explanation explain(const Model& model, const history<Model>& what, const verdict& failed,
                                  const options& how = {}, const explain_limits& limits = {}) {
  std::vector<subject> subjects = subject_builder<Model>(model, what, how).build(true);
  explanation why = explain_subject(subjects.at(failed.decisive), failed.partitions.at(failed.decisive), limits);
  if (what.crashes().empty()) return why;
  for (const criterion weaker : {criterion::recoverable, criterion::durable}) {
    if (weaker <= how.crash_means) continue;
    options again = how;
    again.crash_means = weaker;
    std::vector<subject> relaxed = subject_builder<Model>(model, what, again).build(false);
    if (decide(relaxed, again).result == outcome::linearizable) why.passes_under.push_back(weaker);
  }
  return why;
}

}  // namespace wavetank::lin

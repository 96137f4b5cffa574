// The linearizability checker: is there an order of these overlapping calls that the model allows?
//
//   lin::history<Model> seen;
//   const auto a = seen.invoke(client, command);      // ... as the run goes
//   seen.returns(a, response);
//   const lin::verdict v = lin::check(Model{}, seen);
//
// Promise: exact. `linearizable` comes with the order; `not_linearizable` with how far orders come;
// `undecided` only when a limit of `options` ended the search. Pending operations, unknown outputs, crashes of the
// whole system under three criteria, blocked calls at the end of a run, nondeterministic models.
// Left out: open-ended (online) histories; set- and interval-linearizability.
// Cost: NP-complete in general; the search is exponential in the number of operations that overlap, not in the length
// of the history.
//
// Source: Herlihy & Wing 1990 (definition, locality); Wing & Gong 1993 and Lowe 2017 (the search); Horn & Kroening 2015
// (cache, partitions). search.h says how the search departs from them; explain.h says why a history failed.
#pragma once

#include <vector>

#include <wavetank/model/lin/history.h>
#include <wavetank/model/lin/portfolio.h>
#include <wavetank/model/lin/subject.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// Judges `what` by `model`. Throws `std::invalid_argument` for a malformed history (`history::malformed` tells
/// beforehand) and, with `check_claims`, `std::logic_error` for a model whose observer claim is false. The model is
/// used from this thread only; calls with different models may run side by side.
template <model::state_machine Model>
[[nodiscard]] verdict check(const Model& model, const history<Model>& what, const options& how = {}) {
  std::vector<subject> subjects = subject_builder<Model>(model, what, how).build(false);
  return decide(subjects, how);
}

}  // namespace wavetank::lin

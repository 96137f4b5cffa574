// What a run of a batcher has come to, marked for the campaign: how writes were refused, why batches went.
#pragma once

#include <cstddef>
#include <iterator>

#include <wavetank/impl/batch/batch_options.h>
#include <wavetank/impl/batch/write_error.h>
#include <wavetank/props/running.h>

namespace wavetank::props {

/// A caller was told this.
inline void mark(const write_error& why) {
  switch (why.what) {
    case write_problem::too_large:
      return reached("too large");
    case write_problem::overloaded:
      return reached("overloaded");
    case write_problem::shutting_down:
      return reached("refused while shutting down");
    case write_problem::not_committed:
      if (why.cause == write_cause::deadline) reached("withdrawn at its deadline");
      if (why.cause == write_cause::stopped) reached("left over by a stop");
      if (why.cause == write_cause::destroyed) reached("destroyed while it was queued");
      if (why.text == "poison") reached("refused alone");
      if (why.text == "told to") reached("nothing was submitted");
      return;
    case write_problem::unknown_outcome:
      if (why.cause == write_cause::deadline) reached("its deadline came in flight");
      if (why.cause == write_cause::destroyed) reached("destroyed while it was in flight");
      if (why.cause == write_cause::task_died) reached("the task that committed was killed");
      if (why.cause == write_cause::backend) reached("nobody knows the outcome");
      return;
  }
}

/// Of a whole run.
inline void mark(const batch_metrics& seen) {
  const char* const by_reason[] = {"went by timer",      "went by count",          "went by bytes",
                                   "went by completion", "went by flush",          "went at once",
                                   "went by rollover",   "went to keep the order", "went by work"};
  static_assert(std::size(by_reason) == commit_reasons);
  for (std::size_t i = 0; i < commit_reasons; ++i) {
    if (seen.by_reason[i] != 0) reached(by_reason[i]);
  }
  if (seen.largest_batch > 1) reached("writes shared a commit");
}

}  // namespace wavetank::props

// The properties of the disk log. Templates, so that tests can plant a broken log under them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/batch/log_program.h>
#include <wavetank/props/program/program_property.h>

namespace wavetank::props {

/// Processes one after the other, deaths of them and of the machine, calls that fail: every promise is kept.
template <class Log>
program_property log_crashes() {
  return program_property{
      {"batch.log.crashes",
       "what the log acknowledged survives every crash, nothing else is half there, whatever calls fail",
       log_words(6),
       [](sim::world& w, const program& p) {
         log_program<Log>{w, p, log_weather::failing_calls}.run();
       },
       {},
       {"acknowledged, crashed, recovered", "power failed inside recovery", "a sync failed", "a batch was refused",
        "a write was cut short, and its rest failed", "a directory was not trusted any more",
        "a batch of unknown outcome was replayed", "a batch of unknown outcome was gone",
        "a batch of unknown outcome was voided", "several batches of unknown outcome were replayed",
        "several segments were discarded", "power failed inside a discard", "a discard failed"}}};
}

/// A bit that rots: an error, never a shorter log, but for damage at its very end.
template <class Log>
program_property log_rot() {
  return program_property{{"batch.log.rot",
                           "a bit that rots is an error with the sequences, never a log that is shorter or other",
                           log_words(5),
                           [](sim::world& w, const program& p) {
                             log_program<Log>{w, p, log_weather::rot}.run();
                           },
                           {},
                           {"rot was found"}}};
}

/// A fixed program, for exhaustive search: every crash at every call, with everything that it can leave.
template <class Log>
program_property log_scope(std::string name, std::string summary, std::vector<std::string> commands) {
  return program_property{{std::move(name),
                           std::move(summary),
                           log_words(6),
                           [](sim::world& w, const program& p) {
                             log_program<Log>{w, p, log_weather::failing_calls}.run();
                           },
                           {},
                           {},
                           std::move(commands)}};
}

}  // namespace wavetank::props

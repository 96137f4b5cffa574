// The properties of the window batcher. Templates, so that tests can plant a broken batcher under them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/batch/batcher_program.h>
#include <wavetank/props/program/program_property.h>
#include <wavetank/props/semaphore_budgets.h>

namespace wavetank::props {

/// How many commits in flight a program may ask for.
template <class Batcher>
inline constexpr std::uint32_t most_commits = pipelined_backend<typename Batcher::backend_type> ? 3 : 1;

/// Tasks side by side with deaths, deadlines, failing commits, poison, flushes and stops (B1 to B3, B5 to B7).
template <class Batcher>
program_property batcher_concurrent(std::string name, std::string summary, std::vector<std::string> also_reaches = {}) {
  std::vector<std::string> reaches = {"writes shared a commit",
                                      "went by timer",
                                      "went by count",
                                      "went by completion",
                                      "went by flush",
                                      "went at once",
                                      "went to keep the order",
                                      "went by rollover",
                                      "went by work",
                                      "a flush waited",
                                      "a flush timed out",
                                      "overloaded",
                                      "too large",
                                      "refused while shutting down",
                                      "withdrawn at its deadline",
                                      "its deadline came in flight",
                                      "refused alone",
                                      "the task that committed was killed",
                                      "killed in a write",
                                      "destroyed with writes queued",
                                      "a stop came to its deadline"};
  reaches.insert(reaches.end(), also_reaches.begin(), also_reaches.end());
  return program_property{{std::move(name), std::move(summary), batcher_words(1, 3, 4, most_commits<Batcher>),
                           [](sim::world& w, const program& p) {
                             batcher_program<Batcher>{w, p}.run();
                           },
                           semaphore_faults(), std::move(reaches)}};
}

/// A fixed program, for exhaustive search.
template <class Batcher>
program_property batcher_scope(std::string name, std::string summary, std::uint32_t tasks,
                               std::vector<std::string> commands, sim::scenario budget = {}) {
  return program_property{{std::move(name),
                           std::move(summary),
                           batcher_words(tasks, tasks, 4, most_commits<Batcher>),
                           [](sim::world& w, const program& p) {
                             batcher_program<Batcher>{w, p}.run();
                           },
                           budget,
                           {},
                           std::move(commands)}};
}

}  // namespace wavetank::props

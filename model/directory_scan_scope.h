// A cache's directory in a small closed world: which calls may come, and what is claimed of every run.
//
// For the model checker. A few keys, a few saves in all, a process after the other, or two that want the directory at
// once; files that decay; a death or a loss of power before any call, those of a scan included. A scan takes what it
// has listed in any order. A save may stop after each of its calls.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/directory_scan.h>

namespace wavetank::model {

/// How large the world is. Keys and processes are numbered from 1.
struct directory_scan_bounds {
  std::uint64_t processes = 1;  ///< that want the directory at a time
  std::uint64_t keys = 2;
  std::uint64_t saves = 2;  ///< temporary files made in a run
  std::uint64_t rots = 1;   ///< files that become damaged in a run
  std::uint64_t deaths = 3;
  bool moves = false;     ///< files are published by renaming them
  bool failures = false;  ///< calls may fail
};

/// The directory, and what the world remembers of it.
struct directory_scan_scope_state {
  directory_scan::state directory;
  std::uint64_t saves = 0;
  std::uint64_t rots = 0;
  std::uint64_t deaths = 0;
  sorted_set<key_number> acknowledged{};         ///< saved or seen, and neither evicted nor rotten since
  sorted_set<key_number> rotten{};               ///< a file of this key became damaged, and nobody has removed it
  std::uint64_t cut_short = 0;                   ///< scans since the last whole one, 2 and more alike
  sorted_set<directory_scan::name> published{};  ///< temporary files of the living that have been linked: once each
  sorted_set<key_number> adopted{};              ///< by those
  friend bool operator==(const directory_scan_scope_state&, const directory_scan_scope_state&) = default;
};

template <class Sink>
void for_each_word(const directory_scan_scope_state& s, Sink&& sink) {
  for_each_word(s.directory, sink);
  sink(s.saves);
  sink(s.rots);
  sink(s.deaths);
  sink(s.cut_short);
  sink(s.published.size());
  for (const auto& entry : s.published) sink(entry.first.key | entry.first.number << 32U);
  for (const auto* keys : {&s.acknowledged, &s.rotten, &s.adopted}) {
    sink(keys->size());
    for (const auto& entry : *keys) sink(entry.first);
  }
}
inline std::size_t hash_value(const directory_scan_scope_state& s) { return hash_words(s); }
std::string describe(const directory_scan_scope_state& s);

/// The commands that may come in `s`, in a fixed order.
std::vector<directory_scan::command> commands_in(const directory_scan_scope_state& s,
                                                 const directory_scan_bounds& bounds);

/// Follows what the world knows after `what` was answered by `said`. `before` is the directory before.
void note_outcome(directory_scan_scope_state& s, const directory_scan::state& before,
                  const directory_scan::command& what, const directory_scan::response& said);

/// The closed machine around `Scan`: the specification, or a broken variant of it with the same types.
template <class Scan>
struct directory_scan_scope {
  using state = directory_scan_scope_state;
  using command = directory_scan::command;
  using response = directory_scan::response;

  Scan scan;
  directory_scan_bounds bounds;

  [[nodiscard]] state initial() const { return {scan.initial()}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    scan.step(before.directory, what, [&](const response& said, const directory_scan::state& inner) {
      state after = before;
      after.directory = inner;
      note_outcome(after, before.directory, what, said);
      emit(said, std::as_const(after));
    });
  }

  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s, bounds)) yield(one);
  }
};

template <class Scan = directory_scan>
directory_scan_scope<Scan> scope_of(const directory_scan_bounds& bounds) {
  Scan scan;
  scan.calls_may_fail = bounds.failures;
  return {scan, bounds};
}

using directory_scan_claims = properties<directory_scan_scope_state, directory_scan::command, directory_scan::response>;

/// Everything that is claimed of the scan, and what must be possible within `bounds`.
directory_scan_claims directory_scan_properties(const directory_scan_bounds& bounds);

/// Adds what must be possible within `bounds`.
void add_directory_scan_landmarks(directory_scan_claims& all, const directory_scan_bounds& bounds);

}  // namespace wavetank::model

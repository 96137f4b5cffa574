// Reservations in a small closed world: which commands may come, and what is claimed of every run.
//
// For the model checker. A few keys and tasks, a few reservations, claims and waiting calls at a time; expiry, deaths,
// evictions, rot and crashes at any moment. Writers take the steps of the save pipeline and may stop anywhere; each one
// goes on after its reservation has ended until it is told so, which is how a file is linked by nobody's reservation.
// Numbers are used again once nothing carries them, so that runs of any length are covered; a token and a claim that
// nobody has ever had are used as well, which stand for all old ones. After a crash the tasks are new ones under the
// old numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <wavetank/model/checker/properties.h>
#include <wavetank/model/reservation.h>

namespace wavetank::model {

/// How large the world is. Tasks, keys and all else are numbered from 1.
struct reservation_bounds {
  std::uint64_t tasks = 2;
  std::uint64_t keys = 1;
  std::uint64_t tokens = 2;  ///< of each key: reservations whose writer is at work at a time
  std::uint64_t claims = 1;  ///< at a time
  std::uint64_t calls = 1;   ///< waiting calls at a time
  std::uint64_t deaths = 1;  ///< how many of the tasks may die between two crashes
  bool inserts = true;       ///< `insert_available`
  bool evictions = true;
  bool rots = true;  ///< files become invalid
  bool crashes = true;
  bool quota = true;  ///< an install may exceed one
};

/// A writer that has not been told that its reservation is over.
struct reservation_writer {
  key_number key;
  task_number owner;
  bool has_file = false;  ///< it linked, or found a file that is there
  friend bool operator==(const reservation_writer&, const reservation_writer&) = default;
};

/// The specification's state, and what the world remembers of it.
struct reservation_scope_state {
  reservation::state table;
  sorted_map<token_number, reservation_writer> writers;
  sorted_set<key_number> acknowledged;  ///< saved, said to be, and neither evicted nor rotten since
  friend bool operator==(const reservation_scope_state&, const reservation_scope_state&) = default;
};

template <class Sink>
void for_each_word(const reservation_scope_state& s, Sink&& sink) {
  for_each_word(s.table, sink);
  sink(s.writers.size());
  for (const auto& [token, one] : s.writers) {
    sink(token);
    sink(one.key);
    sink(one.owner * 2 + (one.has_file ? 1 : 0));
  }
  sink(s.acknowledged.size());
  for (const auto& entry : s.acknowledged) sink(entry.first);
}
inline std::size_t hash_value(const reservation_scope_state& s) { return hash_words(s); }
std::string describe(const reservation_scope_state& s);

/// The commands that may come in `s`, in a fixed order.
std::vector<reservation::command> commands_in(const reservation_scope_state& s, const reservation_bounds& bounds);

/// Follows what writers and the world know after `what` was answered by `said`. `before` is the table before.
void note_outcome(reservation_scope_state& s, const reservation::state& before, const reservation::command& what,
                  const reservation::response& said);

/// The closed machine around `Table`: the specification, or a broken variant of it with the same types.
template <class Table>
struct reservation_scope {
  using state = reservation_scope_state;
  using command = reservation::command;
  using response = reservation::response;

  Table table;
  reservation_bounds bounds;

  [[nodiscard]] state initial() const { return {table.initial(), {}, {}}; }

  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    table.step(before.table, what, [&](const response& said, const reservation::state& inner) {
      state after{inner, before.writers, before.acknowledged};
      note_outcome(after, before.table, what, said);
      emit(said, std::as_const(after));
    });
  }

  template <class Yield>
  void for_each_command(const state& s, Yield&& yield) const {
    for (const command& one : commands_in(s, bounds)) yield(one);
  }
};

template <class Table = reservation>
reservation_scope<Table> scope_of(const reservation_bounds& bounds) {
  Table table;
  table.has_quota = bounds.quota;
  return {table, bounds};
}

using reservation_claims = properties<reservation_scope_state, reservation::command, reservation::response>;

/// Everything that is claimed of reservations: the cells of the table, R1, R2, R4 to R8, R10, the rules that speak of
/// states, and what must be possible within `bounds`.
reservation_claims reservation_properties(const reservation_bounds& bounds);

/// Adds what must be possible within `bounds`.
void add_reservation_landmarks(reservation_claims& all, const reservation_bounds& bounds);

}  // namespace wavetank::model

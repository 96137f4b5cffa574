// Reservations as the linearizability checker judges them: key by key.
//
// `reservation.h` says which commands a harness records and how. Here each carries its key; a command that is about a
// task or all keys (`owner_dies`, `sweep`, `gc`, `restart`) is recorded once for each key, with the interval that it
// took, and a crash is the history's crash mark. Sound because keys share nothing else: a reservation, a claim and a
// waiting call each have one key, and no rule orders what happens to different keys. Not judged here: which row is
// evicted, and how many bytes that frees; that is `cache_index`, which has no parts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include <wavetank/model/reservation.h>

namespace wavetank::model {

/// The specification of one key. A value; every function may be called from any thread.
struct reservation_by_key {
  using state = reservation::state;
  using response = reservation::response;
  struct command {
    key_number key;
    reservation::command what;
    friend bool operator==(const command&, const command&) = default;
  };

  reservation one_key;

  [[nodiscard]] state initial() const { return one_key.initial(); }

  template <class Emit>
  void step(const state& before, const command& c, Emit&& emit) const {
    one_key.step(before, c.what, std::forward<Emit>(emit));
  }

  [[nodiscard]] key_number partition(const command& c) const { return c.key; }

  /// Memory is gone, and perhaps a file whose name was not synced; `restart` is recorded as a command.
  template <class Emit>
  void crash(const state& before, Emit&& emit) const {
    if (before.down) return emit(before);
    one_key.step(before, reservation::crash{}, [&](const response&, const state& after) { emit(after); });
  }

  /// Answers that are refusals, and looks: `observes` of the checker.
  [[nodiscard]] bool observes(const command& c, const std::optional<response>& said) const;

  [[nodiscard]] std::string describe(const state& s) const { return model::describe(s); }
  [[nodiscard]] std::string describe(const command& c) const { return model::describe(c.what); }
  [[nodiscard]] std::string describe(const response& said) const { return model::describe(said); }
};

static_assert(state_machine<reservation_by_key>);

}  // namespace wavetank::model

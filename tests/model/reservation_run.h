// A run of the reservation model, step by step, and the states of key 1 from which the table's cells are tried.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include <wavetank/model/lockstep.h>
#include <wavetank/model/reservation.h>

namespace wavetank::model {

using table = reservation;

class reservation_run {
 public:
  reservation_run() = default;
  explicit reservation_run(const table& spec) : judge_(spec) {}

  /// The command is answered by `expected`, and by nothing else.
  void only(const table::command& what, const table::response& expected) {
    EXPECT_EQ(judge_.allowed(what), std::vector<table::response>{expected}) << describe(what);
    choose(what, expected);
  }
  void only(const table::command& what, table::result expected) { only(what, table::response{expected}); }
  void choose(const table::command& what, const table::response& chosen) {
    if (const auto refused = judge_.observe(what, chosen)) FAIL() << describe(*refused);
  }
  void disabled(const table::command& what) { EXPECT_TRUE(judge_.allowed(what).empty()) << describe(what); }

  /// `what` is answered by `expected` and leaves everything as it was.
  void changes_nothing(const table::command& what, table::result expected) {
    const auto before = now();
    only(what, expected);
    EXPECT_EQ(now(), before) << describe(what);
  }

  [[nodiscard]] const table::state& now() const { return judge_.possible_states().front(); }
  [[nodiscard]] const table::row* row(key_number key = 1) const { return now().rows.find(key); }
  [[nodiscard]] bool is(table::status expected) const { return row() != nullptr && row()->is == expected; }

 private:
  lockstep<table> judge_{table{}};
};

inline table::response row_of(generation_number generation) { return {table::result::row, generation}; }
inline table::response missed(table::reason why) { return {table::result::miss, 0, why}; }

/// Token 1 of task 1 has reserved key 1.
inline reservation_run writing() {
  reservation_run r;
  r.only(table::reserve_save{1, 1, tier::disk, 1}, table::result::reserved);
  return r;
}

inline reservation_run published() {
  auto r = writing();
  r.only(table::link{1, 1}, table::result::linked);
  r.only(table::mark_published{1}, table::result::ok);
  return r;
}

/// The time of token 1 has passed, after its file was linked.
inline reservation_run stale() {
  auto r = published();
  r.only(table::expire{1}, table::result::done);
  return r;
}

/// Token 1 was announced as generation 1.
inline reservation_run available() {
  auto r = published();
  r.only(table::announce_saved{1, 1}, table::result::ok);
  return r;
}

inline reservation_run while_evicting() {
  auto r = available();
  r.only(table::evict{1}, table::result::evicting);
  return r;
}

/// Task 1 has died; its file is there.
inline reservation_run while_adopting() {
  auto r = published();
  r.only(table::owner_dies{1}, table::result::done);
  return r;
}

/// The unlink is done and the key is at rest.
inline void finish_eviction(reservation_run& r) {
  r.choose(table::unlink{1}, {table::result::unlinked});
  r.only(table::end_eviction{1}, table::result::gone);
}

}  // namespace wavetank::model

// Concurrent histories of reservations, judged for linearizability key by key.
#include <gtest/gtest.h>

#include <wavetank/model/lin/check.h>
#include <wavetank/model/reservation_by_key.h>

namespace wavetank::model::reservation_by_key_test {
namespace {

using table = reservation;
using enum reservation::result;
using history = lin::history<reservation_by_key>;

/// A history under construction: calls overlap where they are told to.
struct recorder {
  history seen;
  std::int64_t client = 0;

  lin::op_id begin(key_number key, const table::command& what) { return seen.invoke(client++, {key, what}); }
  void end(lin::op_id op, const table::response& said) { seen.returns(op, said); }
  void one(key_number key, const table::command& what, const table::response& said) { end(begin(key, what), said); }

  [[nodiscard]] lin::outcome verdict() const {
    lin::options how;
    how.check_claims = true;
    return lin::check(reservation_by_key{}, seen, how).result;
  }
};

void save(recorder& r, key_number key, token_number token) {
  r.one(key, table::reserve_save{token, key, tier::disk, 1}, {reserved});
  r.one(key, table::link{token, key}, {linked});
  r.one(key, table::mark_published{token}, {ok});
  r.one(key, table::announce_saved{token, token}, {ok});
}

TEST(reservation_history, of_two_overlapping_reserves_one_wins) {
  recorder r;
  const auto first = r.begin(1, table::reserve_save{1, 1, tier::disk, 1});
  const auto second = r.begin(1, table::reserve_save{2, 1, tier::disk, 2});
  r.end(first, {conflict});
  r.end(second, {reserved});
  EXPECT_EQ(r.verdict(), lin::outcome::linearizable);
}

TEST(reservation_history, two_winners_are_refused) {
  recorder r;
  const auto first = r.begin(1, table::reserve_save{1, 1, tier::disk, 1});
  const auto second = r.begin(1, table::reserve_save{2, 1, tier::disk, 2});
  r.end(first, {reserved});
  r.end(second, {reserved});
  EXPECT_EQ(r.verdict(), lin::outcome::not_linearizable);
}

TEST(reservation_history, keys_are_judged_apart) {
  recorder r;
  const auto first = r.begin(1, table::reserve_save{1, 1, tier::disk, 1});
  const auto second = r.begin(2, table::reserve_save{2, 2, tier::disk, 2});
  r.end(first, {reserved});
  r.end(second, {reserved});
  EXPECT_EQ(r.verdict(), lin::outcome::linearizable);
}

TEST(reservation_history, a_waiter_woken_before_the_row_is_refused) {
  recorder r;
  r.one(1, table::reserve_save{1, 1, tier::disk, 1}, {reserved});
  r.one(1, table::lookup_or_wait{1, 1, 2, patience::forever}, {queued});
  r.one(1, table::link{1, 1}, {linked});
  r.one(1, table::mark_published{1}, {ok});
  r.one(1, table::answer{1}, {row, 1});
  r.one(1, table::announce_saved{1, 1}, {ok});
  EXPECT_EQ(r.verdict(), lin::outcome::not_linearizable);
}

TEST(reservation_history, a_waiter_answered_during_the_announce_is_accepted) {
  recorder r;
  r.one(1, table::reserve_save{1, 1, tier::disk, 1}, {reserved});
  const auto waiting = r.begin(1, table::lookup_or_wait{1, 1, 2, patience::forever});
  r.end(waiting, {queued});
  r.one(1, table::link{1, 1}, {linked});
  r.one(1, table::mark_published{1}, {ok});
  const auto answer = r.begin(1, table::answer{1});
  const auto announce = r.begin(1, table::announce_saved{1, 1});
  r.end(answer, {row, 1});
  r.end(announce, {ok});
  EXPECT_EQ(r.verdict(), lin::outcome::linearizable);
}

TEST(reservation_history, an_eviction_under_a_claim_is_refused) {
  recorder r;
  save(r, 1, 1);
  r.one(1, table::checkout{1, 1, 2}, {row, 1});
  r.one(1, table::evict{1}, {table::result::evicting});
  EXPECT_EQ(r.verdict(), lin::outcome::not_linearizable);
}

TEST(reservation_history, an_acknowledged_save_is_there_after_a_crash) {
  for (const bool kept : {true, false}) {
    recorder r;
    save(r, 1, 1);
    r.seen.crash();
    r.one(1, table::restart{1}, {done});
    r.one(1, table::lookup_exact{1}, kept ? table::response{row, 1} : table::response{miss});
    EXPECT_EQ(r.verdict(), kept ? lin::outcome::linearizable : lin::outcome::not_linearizable);
  }
}

TEST(reservation_history, a_file_that_was_not_announced_may_or_may_not_be_there_after_a_crash) {
  for (const bool kept : {true, false}) {
    recorder r;
    r.one(1, table::reserve_save{1, 1, tier::disk, 1}, {reserved});
    r.one(1, table::link{1, 1}, {linked});
    r.seen.crash();
    r.one(1, table::restart{1}, {done});
    r.one(1, table::lookup_exact{1}, kept ? table::response{row, 1} : table::response{miss});
    EXPECT_EQ(r.verdict(), lin::outcome::linearizable);
  }
}

}  // namespace
}  // namespace wavetank::model::reservation_by_key_test

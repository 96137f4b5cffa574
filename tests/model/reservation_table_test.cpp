// The table of rows and reservations, cell by cell: the event, then the state of the key that it meets.
#include <wavetank/tests/model/reservation_run.h>

namespace wavetank::model::reservation_table_test {
namespace {

using enum reservation::result;
using status = reservation::status;

/// Task 2 reserves key 1, token 2.
const table::reserve_save reserves{2, 1, tier::disk, 2};
/// Task 2 looks key 1 up, or waits.
const table::lookup_or_wait looks_up_or_waits{1, 1, 2, patience::forever};

TEST(reservation_table, reserve_save_of_an_absent_key_gives_a_token) {
  reservation_run r;
  r.only(reserves, reserved);
  EXPECT_TRUE(r.is(status::pre_link));
  EXPECT_EQ(r.row()->token, 2U);
}

TEST(reservation_table, reserve_save_meets_a_live_writer) {
  for (auto r : {writing(), published()}) r.changes_nothing(reserves, conflict);
}

TEST(reservation_table, reserve_save_recovers_a_stale_writer_and_finds_its_file) {
  auto r = stale();
  r.only(reserves, recovering);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 1}, adopted);
  r.only(reserves, already_present);
}

TEST(reservation_table, reserve_save_recovers_a_stale_writer_and_finds_nothing) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(reserves, recovering);
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(reserves, reserved);
}

TEST(reservation_table, reserve_save_of_an_available_key_is_already_present) {
  auto r = available();
  r.changes_nothing(reserves, already_present);
}

TEST(reservation_table, reserve_save_meets_evicting_and_adopting) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(reserves, conflict);
}

TEST(reservation_table, check_reservation_of_an_absent_key_is_expired) {
  reservation_run r;
  r.changes_nothing(table::check_reservation{1}, expired);
}

TEST(reservation_table, check_reservation_of_a_live_writer_is_ok) {
  for (auto r : {writing(), published()}) r.changes_nothing(table::check_reservation{1}, ok);
}

TEST(reservation_table, check_reservation_of_a_stale_writer_is_expired) {
  auto r = stale();
  r.changes_nothing(table::check_reservation{1}, expired);
}

TEST(reservation_table, check_reservation_of_an_available_key_is_expired) {
  auto r = available();
  r.changes_nothing(table::check_reservation{1}, expired);
}

TEST(reservation_table, check_reservation_at_evicting_and_adopting_is_expired) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::check_reservation{1}, expired);
}

TEST(reservation_table, mark_published_of_an_absent_key_is_expired) {
  reservation_run r;
  r.changes_nothing(table::mark_published{1}, expired);
}

TEST(reservation_table, mark_published_of_a_live_writer_is_ok) {
  auto r = writing();
  r.only(table::mark_published{1}, ok);
  EXPECT_TRUE(r.is(status::post_link));
}

TEST(reservation_table, mark_published_of_a_stale_writer_is_expired_and_hands_over) {
  auto r = stale();
  r.only(table::mark_published{1}, expired);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, mark_published_of_an_available_key_is_expired) {
  auto r = available();
  r.changes_nothing(table::mark_published{1}, expired);
}

TEST(reservation_table, mark_published_at_evicting_and_adopting_is_expired) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::mark_published{1}, expired);
}

TEST(reservation_table, announce_saved_of_an_absent_key_is_expired) {
  reservation_run r;
  r.changes_nothing(table::announce_saved{1, 1}, expired);
}

TEST(reservation_table, announce_saved_before_the_mark_is_not_linked) {
  auto r = writing();
  r.changes_nothing(table::announce_saved{1, 1}, not_linked);
}

TEST(reservation_table, announce_saved_after_the_mark_installs_a_durable_row) {
  auto r = published();
  r.only(table::announce_saved{1, 1}, ok);
  r.only(table::lookup_exact{1}, row_of(1));
  EXPECT_TRUE(r.now().files.find(1)->durable);
}

TEST(reservation_table, announce_saved_of_a_stale_writer_is_expired_and_hands_over) {
  auto r = stale();
  r.only(table::announce_saved{1, 1}, expired);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, announce_saved_of_an_available_key_is_expired) {
  auto r = available();
  r.changes_nothing(table::announce_saved{1, 2}, expired);
}

TEST(reservation_table, announce_saved_at_evicting_and_adopting_is_expired) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::announce_saved{1, 2}, expired);
}

TEST(reservation_table, insert_available_of_an_absent_key_installs) {
  reservation_run r;
  r.only(table::insert_available{1, tier::ram, 1}, ok);
  r.only(table::lookup_exact{1}, row_of(1));
}

TEST(reservation_table, insert_available_meets_a_live_writer) {
  for (auto r : {writing(), published()}) r.changes_nothing(table::insert_available{1, tier::ram, 2}, conflict);
}

TEST(reservation_table, insert_available_meets_a_stale_writer) {
  auto r = stale();
  r.changes_nothing(table::insert_available{1, tier::ram, 2}, conflict);
}

TEST(reservation_table, insert_available_of_an_available_key_makes_a_generation_and_the_old_one_keeps_its_pins) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::insert_available{1, tier::ram, 2}, ok);
  r.only(table::lookup_exact{1}, row_of(2));
  EXPECT_EQ(r.now().generations.find({1, 1})->pins, 1U);
  EXPECT_EQ(r.now().generations.find({1, 2})->pins, 0U);
}

TEST(reservation_table, insert_available_meets_evicting_and_adopting) {
  for (auto r : {while_evicting(), while_adopting()})
    r.changes_nothing(table::insert_available{1, tier::ram, 2}, conflict);
}

TEST(reservation_table, cancel_reservation_of_an_absent_key_is_no_op) {
  reservation_run r;
  r.changes_nothing(table::cancel_reservation{1}, no_op);
}

TEST(reservation_table, cancel_reservation_of_a_live_writer_removes_its_file) {
  for (auto r : {writing(), published()}) {
    r.only(table::cancel_reservation{1}, ok);
    EXPECT_TRUE(r.is(status::evicting));
    finish_eviction(r);
    EXPECT_EQ(r.row(), nullptr);
    EXPECT_TRUE(r.now().files.empty());
  }
}

TEST(reservation_table, cancel_reservation_of_a_stale_writer_is_no_op_and_hands_over) {
  auto r = stale();
  r.only(table::cancel_reservation{1}, no_op);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, cancel_reservation_of_an_available_key_is_no_op) {
  auto r = available();
  r.changes_nothing(table::cancel_reservation{1}, no_op);
}

TEST(reservation_table, cancel_reservation_at_evicting_and_adopting_is_no_op) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::cancel_reservation{1}, no_op);
}

TEST(reservation_table, abandon_reservation_of_an_absent_key_is_no_op) {
  reservation_run r;
  r.changes_nothing(table::abandon_reservation{1}, no_op);
}

TEST(reservation_table, abandon_reservation_of_a_live_writer_adopts_what_is_there) {
  auto r = writing();
  r.only(table::abandon_reservation{1}, ok);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, abandon_reservation_of_a_stale_writer_is_no_op_and_hands_over) {
  auto r = stale();
  r.only(table::abandon_reservation{1}, no_op);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, abandon_reservation_of_an_available_key_is_no_op) {
  auto r = available();
  r.changes_nothing(table::abandon_reservation{1}, no_op);
}

TEST(reservation_table, abandon_reservation_at_evicting_and_adopting_is_no_op) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::abandon_reservation{1}, no_op);
}

TEST(reservation_table, a_death_recovers_a_live_and_a_stale_writer) {
  for (auto r : {writing(), published(), stale()}) {
    r.only(table::owner_dies{1}, done);
    EXPECT_TRUE(r.is(status::adopting));
  }
}

TEST(reservation_table, a_sweep_leaves_a_live_writer_alone) {
  for (auto r : {writing(), published()}) r.changes_nothing(table::sweep{}, done);
}

TEST(reservation_table, a_sweep_recovers_a_stale_writer) {
  auto r = stale();
  r.only(table::sweep{}, done);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_table, a_death_leaves_an_available_key_alone) {
  auto r = available();
  const auto before = *r.row();
  r.only(table::owner_dies{1}, done);
  EXPECT_EQ(*r.row(), before);
}

TEST(reservation_table, checkout_of_an_absent_key_is_a_miss) {
  reservation_run r;
  r.changes_nothing(table::checkout{1, 1, 2}, table::result::miss);
}

TEST(reservation_table, checkout_of_a_live_writers_key_is_busy) {
  for (auto r : {writing(), published()}) r.changes_nothing(table::checkout{1, 1, 2}, busy);
}

TEST(reservation_table, checkout_of_a_stale_writers_key_is_busy) {
  auto r = stale();
  r.changes_nothing(table::checkout{1, 1, 2}, busy);
}

TEST(reservation_table, checkout_of_an_available_key_pins_its_generation) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::checkout{2, 1, 3}, row_of(1));
  EXPECT_EQ(r.now().generations.find({1, 1})->pins, 2U);
}

TEST(reservation_table, checkout_at_evicting_and_adopting_is_busy) {
  for (auto r : {while_evicting(), while_adopting()}) r.changes_nothing(table::checkout{1, 1, 2}, busy);
}

TEST(reservation_table, checkin_unpins_once) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::checkin{1}, ok);
  EXPECT_EQ(r.now().generations.find({1, 1})->pins, 0U);
  r.changes_nothing(table::checkin{1}, no_op);
}

TEST(reservation_table, checkin_of_an_unknown_claim_is_no_op) {
  for (auto r : {writing(), stale(), available(), while_evicting(), while_adopting()})
    r.changes_nothing(table::checkin{9}, no_op);
}

TEST(reservation_table, lookup_exact_misses_unless_available) {
  for (auto r : {reservation_run(), writing(), published(), stale(), while_evicting(), while_adopting()})
    r.changes_nothing(table::lookup_exact{1}, table::result::miss);
}

TEST(reservation_table, lookup_exact_of_an_available_key_is_its_row) {
  auto r = available();
  r.only(table::lookup_exact{1}, row_of(1));
}

TEST(reservation_table, lookup_exact_or_wait_of_an_absent_key_misses_at_once) {
  reservation_run r;
  r.changes_nothing(looks_up_or_waits, table::result::miss);
}

TEST(reservation_table, lookup_exact_or_wait_waits_for_a_live_and_a_stale_writer) {
  for (auto r : {writing(), published(), stale()}) {
    r.only(looks_up_or_waits, queued);
    r.disabled(table::answer{1});
  }
}

TEST(reservation_table, lookup_exact_or_wait_of_an_available_key_is_its_row) {
  auto r = available();
  r.only(looks_up_or_waits, row_of(1));
}

TEST(reservation_table, lookup_exact_or_wait_waits_for_evicting_and_adopting) {
  for (auto r : {while_evicting(), while_adopting()}) {
    r.only(looks_up_or_waits, queued);
    r.disabled(table::answer{1});
  }
}

TEST(reservation_table, evict_skips_a_writers_key) {
  for (auto r : {writing(), published(), stale()}) r.changes_nothing(table::evict{1}, skipped);
}

TEST(reservation_table, evict_of_an_unpinned_row_goes_through_evicting_to_absent) {
  auto r = available();
  r.only(table::evict{1}, table::result::evicting);
  finish_eviction(r);
  EXPECT_EQ(r.row(), nullptr);
  EXPECT_TRUE(r.now().files.empty());
}

TEST(reservation_table, evict_skips_a_pinned_row) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.changes_nothing(table::evict{1}, skipped);
}

TEST(reservation_table, evict_skips_absent_evicting_and_adopting) {
  for (auto r : {reservation_run(), while_evicting(), while_adopting()}) r.changes_nothing(table::evict{1}, skipped);
}

TEST(reservation_table, gc_takes_unpinned_rows_alone) {
  auto r = available();
  r.only(table::insert_available{2, tier::ram, 1}, ok);
  r.only(table::checkout{1, 2, 2}, row_of(1));
  r.only(table::gc{}, done);
  EXPECT_TRUE(r.is(status::evicting));
  EXPECT_EQ(r.row(2)->is, status::available);
}

}  // namespace
}  // namespace wavetank::model::reservation_table_test

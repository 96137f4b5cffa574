// The rules of reservations that no single cell of the table says: windows of a death, stragglers, waiters, claims,
// corrupt files, quotas, crashes.
#include <wavetank/tests/model/reservation_run.h>

namespace wavetank::model::reservation_rules_test {
namespace {

using enum reservation::result;
using status = reservation::status;
using reason = reservation::reason;

const table::reserve_save reserves{2, 1, tier::disk, 2};

TEST(reservation_rules, a_death_between_link_and_mark_loses_no_file) {
  auto r = writing();
  r.only(table::link{1, 1}, linked);
  r.only(table::owner_dies{1}, done);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 3}, adopted);
  r.only(table::lookup_exact{1}, row_of(3));
  EXPECT_TRUE(r.now().files.find(1)->durable);
}

TEST(reservation_rules, a_death_before_the_link_leaves_the_key_absent) {
  auto r = writing();
  r.only(table::owner_dies{1}, done);
  r.disabled(table::settle{1, 1});
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(reserves, reserved);
}

TEST(reservation_rules, an_invalid_file_is_removed_by_recovery) {
  auto r = while_adopting();
  r.only(table::rot{1}, done);
  r.only(table::validate{1}, found_invalid);
  r.only(table::settle{1, 1}, table::result::evicting);
  finish_eviction(r);
  r.only(reserves, reserved);
}

TEST(reservation_rules, a_failed_unlink_holds_the_key_and_is_tried_again) {
  auto r = while_evicting();
  r.choose(table::unlink{1}, {failed});
  r.disabled(table::end_eviction{1});
  r.only(reserves, conflict);
  finish_eviction(r);
}

TEST(reservation_rules, a_straggler_that_links_to_an_absent_key_has_it_recovered) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(table::sweep{}, done);
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(table::link{1, 1}, linked);
  r.only(table::mark_published{1}, expired);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 1}, adopted);
}

TEST(reservation_rules, a_straggler_that_links_and_stops_is_found_by_a_sweep) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(table::sweep{}, done);
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(table::link{1, 1}, linked);
  r.only(table::sweep{}, done);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 1}, adopted);
}

TEST(reservation_rules, a_straggler_that_links_after_the_look_has_the_key_looked_at_again) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(table::sweep{}, done);
  r.only(table::validate{1}, found_nothing);
  r.only(table::link{1, 1}, linked);
  r.only(table::mark_published{1}, expired);
  r.only(table::settle{1, 1}, again);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 1}, adopted);
}

TEST(reservation_rules, a_straggler_that_links_after_the_unlink_is_not_forgotten) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(table::sweep{}, done);
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(reserves, reserved);
  r.only(table::cancel_reservation{2}, ok);
  r.choose(table::unlink{1}, {unlinked});
  r.only(table::link{1, 1}, linked);
  r.only(table::announce_saved{1, 1}, expired);
  r.only(table::end_eviction{1}, again);
  EXPECT_TRUE(r.is(status::adopting));
}

TEST(reservation_rules, a_writer_takes_over_a_stragglers_file) {
  auto r = writing();
  r.only(table::expire{1}, done);
  r.only(reserves, recovering);
  r.only(table::validate{1}, found_nothing);
  r.only(table::settle{1, 1}, gone);
  r.only(reserves, reserved);
  r.only(table::link{1, 1}, linked);
  r.only(table::link{2, 1}, exists);
  r.changes_nothing(table::check_reservation{1}, expired);
  r.only(table::mark_published{1}, expired);
  EXPECT_TRUE(r.is(status::pre_link));
  r.only(table::mark_published{2}, ok);
  r.only(table::announce_saved{2, 2}, ok);
}

TEST(reservation_rules, waiters_hear_of_the_row_in_their_order) {
  auto r = writing();
  r.only(table::lookup_or_wait{1, 1, 2, patience::forever}, queued);
  r.only(table::lookup_or_wait{2, 1, 3, patience::until_deadline}, queued);
  EXPECT_EQ(r.now().queue.front().call, 1U);
  r.only(table::link{1, 1}, linked);
  r.only(table::mark_published{1}, ok);
  r.disabled(table::answer{1});
  r.only(table::announce_saved{1, 5}, ok);
  r.only(table::answer{1}, row_of(5));
  r.only(table::answer{2}, row_of(5));
  r.disabled(table::answer{1});
}

TEST(reservation_rules, a_waiter_hears_why_there_is_no_row) {
  auto cancelled = writing();
  cancelled.only(table::lookup_or_wait{1, 1, 2, patience::forever}, queued);
  cancelled.only(table::cancel_reservation{1}, ok);
  finish_eviction(cancelled);
  cancelled.only(table::answer{1}, missed(reason::cancelled));

  auto died = writing();
  died.only(table::lookup_or_wait{1, 1, 2, patience::forever}, queued);
  died.only(table::owner_dies{1}, done);
  died.only(table::validate{1}, found_nothing);
  died.only(table::settle{1, 1}, gone);
  died.only(table::answer{1}, missed(reason::owner_died));

  auto rotten = while_adopting();
  rotten.only(table::rot{1}, done);
  rotten.only(table::lookup_or_wait{1, 1, 2, patience::forever}, queued);
  rotten.only(table::validate{1}, found_invalid);
  rotten.only(table::settle{1, 1}, table::result::evicting);
  finish_eviction(rotten);
  rotten.only(table::answer{1}, missed(reason::invalid));
}

TEST(reservation_rules, a_waiter_misses_at_its_deadline) {
  auto r = writing();
  r.only(table::lookup_or_wait{1, 1, 2, patience::one_attempt}, missed(reason::deadline));
  r.only(table::lookup_or_wait{2, 1, 2, patience::until_deadline}, queued);
  r.only(table::time_out{2}, withdrawn);
  r.only(table::answer{2}, missed(reason::deadline));
  r.only(table::lookup_or_wait{3, 1, 2, patience::forever}, queued);
  r.disabled(table::time_out{3});
}

TEST(reservation_rules, a_time_out_after_the_row_is_too_late) {
  auto r = published();
  r.only(table::lookup_or_wait{1, 1, 2, patience::until_deadline}, queued);
  r.only(table::announce_saved{1, 1}, ok);
  r.only(table::time_out{1}, too_late);
  r.only(table::answer{1}, row_of(1));
}

TEST(reservation_rules, a_late_checkin_leaves_a_newer_generation_pinned) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::insert_available{1, tier::disk, 2}, ok);
  r.only(table::checkout{2, 1, 2}, row_of(2));
  r.only(table::checkin{1}, ok);
  EXPECT_EQ(r.now().generations.find({1, 2})->pins, 1U);
  EXPECT_FALSE(r.now().generations.contains({1, 1}));
}

TEST(reservation_rules, a_claim_on_an_older_generation_keeps_its_file) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::insert_available{1, tier::ram, 2}, ok);
  r.only(table::evict{1}, skipped);
  r.only(table::checkin{1}, ok);
  r.only(table::evict{1}, table::result::evicting);
}

TEST(reservation_rules, the_death_of_an_owner_checks_in) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::owner_dies{2}, done);
  r.only(table::checkin{1}, no_op);
  r.only(table::evict{1}, table::result::evicting);
}

TEST(reservation_rules, a_corrupt_file_makes_way_for_the_next_save) {
  auto r = available();
  r.only(table::checkout{1, 1, 2}, row_of(1));
  r.only(table::checkout{2, 1, 3}, row_of(1));
  r.only(table::rot{1}, done);
  r.only(table::report_corrupt{1}, ok);
  finish_eviction(r);
  r.only(reserves, reserved);
  r.only(table::checkin{2}, ok);
}

TEST(reservation_rules, corrupt_memory_falls_back_to_the_file_behind_it) {
  auto r = available();
  r.only(table::insert_available{1, tier::ram, 2}, ok);
  r.only(table::checkout{1, 1, 2}, row_of(2));
  r.only(table::report_corrupt{1}, ok);
  r.only(table::validate{1}, found_valid);
  r.only(table::settle{1, 3}, adopted);
}

TEST(reservation_rules, ram_takes_no_reservation) {
  reservation_run r;
  r.changes_nothing(table::reserve_save{1, 1, tier::ram, 1}, unsupported_tier);
}

TEST(reservation_rules, an_announce_over_quota_removes_the_file) {
  table spec;
  spec.has_quota = true;
  reservation_run r{spec};
  r.only(table::reserve_save{1, 1, tier::disk, 1}, reserved);
  r.only(table::link{1, 1}, linked);
  r.only(table::mark_published{1}, ok);
  r.choose(table::announce_saved{1, 1}, {over_quota});
  finish_eviction(r);
  EXPECT_TRUE(r.now().files.empty());
}

TEST(reservation_rules, a_crash_keeps_what_was_acknowledged) {
  auto r = available();
  r.only(table::crash{}, done);
  r.disabled(table::lookup_exact{1});
  r.only(table::restart{1}, done);
  r.only(table::lookup_exact{1}, row_of(1));
}

TEST(reservation_rules, a_crash_may_take_a_file_that_was_not_announced) {
  auto r = published();
  r.only(table::checkout{1, 1, 2}, busy);
  const std::vector<table::response> twice(2, table::response{done});
  std::vector<table::response> said;
  std::vector<std::size_t> files;
  table{}.step(r.now(), table::crash{}, [&](const table::response& one, const table::state& left) {
    said.push_back(one);
    files.push_back(left.files.size());
  });
  EXPECT_EQ(said, twice);
  EXPECT_EQ(files, (std::vector<std::size_t>{1, 0}));
}

TEST(reservation_rules, a_restart_quarantines_what_is_invalid) {
  auto r = available();
  r.only(table::rot{1}, done);
  r.only(table::crash{}, done);
  r.only(table::restart{1}, done);
  EXPECT_EQ(r.row(), nullptr);
  EXPECT_TRUE(r.now().files.empty());
}

}  // namespace
}  // namespace wavetank::model::reservation_rules_test

// The cells of the table: each call in each state of its key.
#include "table_lab.h"

namespace wavetank::test::reservation_cells_test {
namespace {

using save = save_refusal;

class ReservationCells : public table_lab {};

TEST_F(ReservationCells, AbsentIsReserved) {
  const auto token = reserved();
  EXPECT_EQ(status(), row_status::pre_link);
  EXPECT_NE(token.number, 0u);
}

TEST_F(ReservationCells, BadInputIsRefusedAtTheEdge) {
  const auto no_path = table.reserve_save(key_of(1), cache_tier::disk, "");
  EXPECT_EQ(no_path.error(), reserve_refusal::no_path);
  EXPECT_EQ(table.reserve_save(key_of(1), cache_tier::ram, "x").error(), reserve_refusal::unsupported_tier);
  const task_id dead = short_life([] {});
  EXPECT_EQ(table.reserve_save(key_of(1), cache_tier::disk, "x", dead).error(), reserve_refusal::dead_owner);
  EXPECT_EQ(table.checkout(key_of(1), dead).error(), checkout_refusal::dead_owner);
  EXPECT_EQ(table.insert_available(key_of(1), cache_tier::disk, memory_content()).error(), insert_refusal::bad_content);
  EXPECT_EQ(table.insert_available(key_of(1), cache_tier::ram, file_content(1)).error(), insert_refusal::bad_content);
  EXPECT_EQ(status(), std::nullopt);
}

TEST_F(ReservationCells, ATokenThatIsNotLiveChangesNothing) {
  const reservation_token unknown{key_of(1), 77};
  EXPECT_EQ(table.check_reservation(unknown).error(), save::expired);
  EXPECT_EQ(table.mark_published(unknown).error(), save::expired);
  EXPECT_EQ(table.announce_saved(unknown, file_content(1)).error(), save::expired);
  EXPECT_FALSE(table.cancel_reservation(unknown));
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_TRUE(keeper.calls.empty());

  const auto live = published();
  const reservation_token wrong{key_of(1), live.number + 1};
  EXPECT_EQ(table.check_reservation(wrong).error(), save::expired);
  EXPECT_EQ(table.mark_published(wrong).error(), save::expired);
  EXPECT_EQ(table.announce_saved(wrong, file_content(1)).error(), save::expired);
  EXPECT_FALSE(table.cancel_reservation(wrong));
  EXPECT_EQ(status(), row_status::post_link);
  EXPECT_TRUE(table.announce_saved(live, file_content(1)).has_value());
}

TEST_F(ReservationCells, WritingIsBusyForOthers) {
  const auto token = reserved();
  EXPECT_EQ(reserve_refused(), reserve_refusal::conflict);
  EXPECT_EQ(checkout_refused(), checkout_refusal::busy);
  EXPECT_FALSE(readable());
  EXPECT_EQ(table.insert_available(key_of(1), cache_tier::ram, memory_content()).error(), insert_refusal::conflict);
  EXPECT_TRUE(table.evict(key_of(1)).evicted.empty());
  EXPECT_TRUE(table.gc().evicted.empty());
  EXPECT_TRUE(table.check_reservation(token).has_value());
}

TEST_F(ReservationCells, AnnouncedOnlyAfterTheMark) {
  const auto token = reserved();
  EXPECT_EQ(table.announce_saved(token, file_content(1)).error(), save::not_linked);
  keeper.files[path_of(1)];
  ASSERT_TRUE(table.mark_published(token).has_value());
  EXPECT_EQ(status(), row_status::post_link);
  EXPECT_EQ(table.announce_saved(token, file_content(2)).error(), save::bad_content);
  ASSERT_TRUE(table.announce_saved(token, file_content(1)).has_value());
  EXPECT_EQ(status(), row_status::available);
  EXPECT_EQ(table.check_reservation(token).error(), save::expired);
  EXPECT_FALSE(table.cancel_reservation(token));
  EXPECT_EQ(reserve_refused(), reserve_refusal::already_present);
  EXPECT_TRUE(keeper.calls.empty());
}

TEST_F(ReservationCells, CheckingRenews) {
  const auto token = reserved();
  set_clock::pass(std::chrono::seconds(59));
  ASSERT_TRUE(table.check_reservation(token).has_value());
  set_clock::pass(std::chrono::seconds(59));
  ASSERT_TRUE(table.check_reservation(token).has_value());
  set_clock::pass(std::chrono::seconds(60));
  EXPECT_EQ(table.check_reservation(token).error(), save::expired);
}

TEST_F(ReservationCells, ExpiryIsEnforcedByEveryCall) {
  const auto marked = reserved(1);
  const auto announced = published(2);
  const auto cancelled = published(3);
  let_expire();
  EXPECT_EQ(table.mark_published(marked).error(), save::expired);
  EXPECT_EQ(status(1), std::nullopt);
  EXPECT_EQ(table.announce_saved(announced, file_content(2)).error(), save::expired);
  EXPECT_TRUE(readable(2)) << "its file was valid";
  EXPECT_FALSE(table.cancel_reservation(cancelled));
  EXPECT_TRUE(readable(3));
}

TEST_F(ReservationCells, CancelRemovesTheFileWhileTheKeyIsEvicting) {
  const auto token = published();
  keeper.meanwhile = [&] {
    EXPECT_EQ(status(), row_status::evicting);
    EXPECT_EQ(reserve_refused(), reserve_refusal::conflict);
    EXPECT_EQ(checkout_refused(), checkout_refusal::busy);
    EXPECT_EQ(table.insert_available(key_of(1), cache_tier::ram, memory_content()).error(), insert_refusal::conflict);
    EXPECT_EQ(table.sweep(), 1u);
  };
  EXPECT_TRUE(table.cancel_reservation(token));
  EXPECT_TRUE(keeper.files.empty());
  EXPECT_EQ(keeper.calls.size(), 1u);
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_FALSE(table.cancel_reservation(token));
  reserved();
}

TEST_F(ReservationCells, CancelBeforeTheMarkRemovesWhatWasLinked) {
  const auto token = reserved();
  keeper.files[path_of(1)];
  EXPECT_TRUE(table.cancel_reservation(token));
  EXPECT_TRUE(keeper.files.empty());
}

TEST_F(ReservationCells, InsertedOverARowItKeepsTheOldPins) {
  available();
  auto old = table.checkout(key_of(1));
  ASSERT_TRUE(old.has_value());
  const auto generation = table.insert_available(key_of(1), cache_tier::ram, memory_content());
  ASSERT_TRUE(generation.has_value());
  EXPECT_NE(*generation, old->generation());
  EXPECT_EQ(table.lookup_exact(key_of(1))->generation, *generation);
  EXPECT_TRUE(table.evict(key_of(1)).evicted.empty()) << "the file behind it is claimed";
  auto fresh = table.checkout(key_of(1));
  ASSERT_TRUE(fresh.has_value());
  EXPECT_TRUE(old->check_in());
  EXPECT_TRUE(table.evict(key_of(1)).evicted.empty()) << "a late check-in unpinned a newer generation";
  EXPECT_TRUE(fresh->check_in());
  EXPECT_EQ(table.evict(key_of(1)).bytes_freed, 20u);
  EXPECT_TRUE(keeper.files.empty());
}

TEST_F(ReservationCells, CheckinTwiceIsNothing) {
  available();
  auto first = table.checkout(key_of(1));
  auto second = table.checkout(key_of(1));
  EXPECT_EQ(table.dump(key_of(1))->pins, 2u);
  EXPECT_TRUE(first->check_in());
  EXPECT_FALSE(first->check_in());
  EXPECT_EQ(table.dump(key_of(1))->pins, 1u);
  claim elsewhere = std::move(*second);
  EXPECT_FALSE(second->valid());
  EXPECT_TRUE(elsewhere.valid());
  EXPECT_EQ(table.dump(key_of(1))->pins, 1u);
}

TEST_F(ReservationCells, TheOwnersDeathChecksIn) {
  available();
  std::optional<claim> outlives;
  short_life([&] { outlives = std::move(*table.checkout(key_of(1))); });
  EXPECT_FALSE(outlives->valid());
  EXPECT_EQ(table.dump(key_of(1))->pins, 0u);
  EXPECT_EQ(outlives->content().path, path_of(1));
  EXPECT_FALSE(outlives->check_in());
}

TEST_F(ReservationCells, AClaimMayOutliveTheTable) {
  std::optional<claim> outlives;
  {
    table_type other{world, keeper};
    ASSERT_TRUE(other.insert_available(key_of(1), cache_tier::ram, memory_content(3)).has_value());
    outlives = std::move(*other.checkout(key_of(1)));
  }
  EXPECT_FALSE(outlives->valid());
  EXPECT_EQ(outlives->content().bytes->size(), 3u);
}

TEST_F(ReservationCells, ADeathTouchesNoFile) {
  orphaned(true);
  EXPECT_TRUE(keeper.calls.empty());
  EXPECT_EQ(status(), row_status::adopting);
  EXPECT_EQ(checkout_refused(), checkout_refusal::busy);
}

TEST_F(ReservationCells, ReservingRecoversADeadWritersFileFirst) {
  orphaned(true);
  EXPECT_EQ(reserve_refused(), reserve_refusal::already_present);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, ReservingRecoversADeadWriterBeforeItsLink) {
  orphaned(false);
  reserved();
}

TEST_F(ReservationCells, ADeathBetweenLinkAndMarkOrphansNoFile) {
  short_life([&] {
    reserved();
    keeper.files[path_of(1)];
  });
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, AnInvalidFileIsRemoved) {
  orphaned(true);
  keeper.files[path_of(1)].valid = false;
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(keeper.files.empty());
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_EQ(table.counters().corrupt_files, 1u);
}

TEST_F(ReservationCells, AFileThatIsNotThereIsNotRemoved) {
  orphaned(true);
  keeper.files.clear();
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_EQ(keeper.calls, std::vector<std::string>{"adopt " + path_of(1)});
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_EQ(table.counters().corrupt_files, 0u);
}

TEST_F(ReservationCells, AnInvalidFileIsToldOfAlsoWhereItsRemovalWasCutShort) {
  struct cut_short {};
  orphaned(true);
  keeper.files[path_of(1)].valid = false;
  keeper.meanwhile = [&] {
    keeper.meanwhile = [&] {
      keeper.files.clear();
      throw cut_short{};
    };
  };
  EXPECT_THROW(table.sweep(), cut_short);
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_EQ(status(), std::nullopt);
  EXPECT_EQ(table.counters().corrupt_files, 1u);
}

TEST_F(ReservationCells, ReservingRecoversAnExpiredOne) {
  const auto slow = published();
  let_expire();
  EXPECT_EQ(reserve_refused(), reserve_refusal::already_present);
  EXPECT_EQ(table.announce_saved(slow, file_content(1)).error(), save::expired);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, TheSweepRecoversAnExpiredOne) {
  const auto slow = published();
  let_expire();
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(readable());
  EXPECT_FALSE(table.cancel_reservation(slow));
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, AStragglersLateLinkIsIndexed) {
  const auto slow = reserved();
  let_expire();
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_EQ(status(), std::nullopt);
  keeper.files[path_of(1)];
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(readable());
  EXPECT_EQ(table.mark_published(slow).error(), save::expired);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, ADeadStragglersLinkIsIndexed) {
  short_life([&] {
    reserved();
    let_expire();
    EXPECT_EQ(table.sweep(), 0u);
    keeper.files[path_of(1)];
  });
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, AStragglerThatLinksDuringARecoveryIsNotForgotten) {
  const auto slow = reserved();
  let_expire();
  keeper.meanwhile = [&] { EXPECT_EQ(table.mark_published(slow).error(), save::expired); };
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_EQ(keeper.calls.size(), 2u) << "looked at again";
  EXPECT_EQ(status(), std::nullopt);
}

TEST_F(ReservationCells, AZombiesAnnounceDoesNotHurtItsSuccessor) {
  const auto zombie = published();
  let_expire();
  keeper.files.clear();
  const auto successor = reserved();
  EXPECT_EQ(table.announce_saved(zombie, file_content(1)).error(), save::expired);
  EXPECT_FALSE(table.cancel_reservation(zombie));
  EXPECT_EQ(status(), row_status::pre_link);
  EXPECT_TRUE(table.check_reservation(successor).has_value());
}

TEST_F(ReservationCells, WhatCannotBeReadIsLookedAtAgain) {
  orphaned(true);
  keeper.blind.insert(path_of(1));
  EXPECT_EQ(reserve_refused(), reserve_refusal::conflict);
  EXPECT_EQ(table.sweep(), 1u);
  keeper.blind.clear();
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_TRUE(readable());
}

TEST_F(ReservationCells, CorruptRowsGoAtOnce) {
  const auto generation = available();
  auto other = table.checkout(key_of(1));
  auto finder = table.checkout(key_of(1));
  EXPECT_FALSE(table.report_corrupt(key_of(1), generation + 1));
  EXPECT_TRUE(finder->report_corrupt());
  EXPECT_FALSE(finder->report_corrupt());
  EXPECT_TRUE(keeper.files.empty());
  const auto successor = published();
  EXPECT_TRUE(table.announce_saved(successor, file_content(1)).has_value());
  EXPECT_TRUE(other->report_corrupt());
  EXPECT_TRUE(readable()) << "the old generation's corruption is not the new one's";
  EXPECT_EQ(table.counters().corrupt_files, 1u);
}

TEST_F(ReservationCells, BehindCorruptMemoryTheFileIsLookedAt) {
  available();
  const auto generation = table.insert_available(key_of(1), cache_tier::ram, memory_content());
  EXPECT_TRUE(table.report_corrupt(key_of(1), *generation));
  ASSERT_TRUE(readable());
  EXPECT_EQ(table.lookup_exact(key_of(1))->tier, cache_tier::disk);
}

}  // namespace
}  // namespace wavetank::test::reservation_cells_test

// What a table counts, and how long it waits for a writer where its options say so.
#include <wavetank/impl/cache/save_reason.h>

#include "table_lab.h"

namespace wavetank::test::counters_test {
namespace {

class Counters : public table_lab {};

TEST_F(Counters, LookupsAndCheckoutsAreHitsOrMisses) {
  available(1);
  EXPECT_TRUE(readable(1));
  EXPECT_FALSE(readable(2));
  EXPECT_TRUE(table.checkout(key_of(1)).has_value());
  EXPECT_EQ(checkout_refused(2), checkout_refusal::miss);
  EXPECT_TRUE(table.lookup_exact_or_wait(key_of(1)).has_value());
  EXPECT_FALSE(table.lookup_exact_or_wait(key_of(2)).has_value());
  reserved(3);
  EXPECT_EQ(checkout_refused(3), checkout_refusal::busy);
  EXPECT_EQ(table.counters().hits, 3u);
  EXPECT_EQ(table.counters().misses, 4u);
}

TEST_F(Counters, SavesAreCountedByTheirReason) {
  const auto save = [&](unsigned n, save_reason why) {
    row_content content = file_content(n);
    content.header[kvc_layout::save_reason_offset] = static_cast<std::byte>(why);
    EXPECT_TRUE(table.announce_saved(published(n), std::move(content)).has_value());
  };
  save(1, save_reason::cold);
  save(2, save_reason::cold);
  save(3, save_reason::finish);
  save(4, save_reason::unknown);
  table.cancel_reservation(published(5));
  EXPECT_EQ(table.counters().saves_by_reason, (std::array<std::uint64_t, 6>{1, 2, 0, 0, 0, 1}));
}

TEST_F(Counters, AReservationLivesAsLongAsTheOptionsSay) {
  table_type patient{world, keeper, {.reservation_ttl = std::chrono::seconds(90)}};
  const auto in_time = patient.reserve_save(key_of(1), cache_tier::disk, path_of(1));
  const auto late = patient.reserve_save(key_of(2), cache_tier::disk, path_of(2));
  ASSERT_TRUE(in_time && late);
  set_clock::pass(std::chrono::seconds(89));
  EXPECT_TRUE(patient.check_reservation(*in_time));
  set_clock::pass(std::chrono::seconds(1));
  EXPECT_EQ(patient.check_reservation(*late).error(), save_refusal::expired);
  EXPECT_TRUE(patient.check_reservation(*in_time)) << "a check renews it";
}

}  // namespace
}  // namespace wavetank::test::counters_test

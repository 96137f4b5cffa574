// The order of eviction, what counts as freed, and quotas.
#include "table_lab.h"

namespace wavetank::test::eviction_test {
namespace {

class Eviction : public table_lab {
 protected:
  void use(unsigned n, std::int64_t at_s) {
    world.wall_clock_s = at_s;
    EXPECT_TRUE(table.checkout(key_of(n)).has_value());
  }
  std::uint64_t in_use(cache_tier tier) { return table.counters().bytes_in_use[static_cast<std::size_t>(tier)]; }
  using keys = std::vector<cache_key>;
};

TEST_F(Eviction, OldestUseFirst) {
  for (const unsigned n : {1u, 2u, 3u}) available(n);
  use(2, 200);
  use(1, 300);
  EXPECT_EQ(table.evict_bytes(0).evicted, keys{});
  EXPECT_EQ(table.evict_bytes(11).evicted, (keys{key_of(3), key_of(2)}));
  EXPECT_EQ(in_use(cache_tier::disk), 10u);
  EXPECT_EQ(table.gc().evicted, keys{key_of(1)});
  EXPECT_EQ(table.counters().evictions, 3u);
}

TEST_F(Eviction, AUseNeverLowersARank) {
  for (const unsigned n : {1u, 2u}) available(n);
  use(1, 500);
  use(2, 400);
  use(1, 300);
  EXPECT_EQ(table.evict_bytes(1).evicted, keys{key_of(2)});
}

TEST_F(Eviction, OnlyTheTiersAskedFor) {
  available(1);
  ASSERT_TRUE(table.insert_available(key_of(2), cache_tier::ram, memory_content()).has_value());
  const std::array ram{cache_tier::ram};
  EXPECT_EQ(table.evict_bytes(100, ram).evicted, keys{key_of(2)});
  EXPECT_TRUE(readable(1));
}

TEST_F(Eviction, PinnedRowsStay) {
  available(1);
  auto claimed = table.checkout(key_of(1));
  EXPECT_EQ(table.evict_bytes(100).evicted, keys{});
  EXPECT_EQ(table.gc().evicted, keys{});
  EXPECT_EQ(table.evict(key_of(1)).evicted, keys{});
  claimed->check_in();
  EXPECT_EQ(table.gc().evicted, keys{key_of(1)});
}

TEST_F(Eviction, AFailedUnlinkIsNotCountedAndIsRetried) {
  available(1);
  available(2);
  keeper.stuck.insert(path_of(1));
  const auto done = table.evict_bytes(10);
  EXPECT_EQ(done.evicted, (keys{key_of(1), key_of(2)}));
  EXPECT_EQ(done.failed, keys{key_of(1)});
  EXPECT_EQ(done.bytes_freed, 10u);
  EXPECT_EQ(status(1), row_status::evicting);
  EXPECT_EQ(in_use(cache_tier::disk), 10u);
  EXPECT_EQ(reserve_refused(1), reserve_refusal::conflict);
  keeper.stuck.clear();
  EXPECT_EQ(table.sweep(), 0u);
  EXPECT_EQ(in_use(cache_tier::disk), 0u);
  reserved(1);
}

TEST_F(Eviction, TheNextReservationRetriesAnUnlink) {
  available(1);
  keeper.stuck.insert(path_of(1));
  table.evict(key_of(1));
  keeper.stuck.clear();
  reserved(1);
}

TEST_F(Eviction, SweepsRecordUses) {
  available(1);
  use(1, 700);
  use(1, 800);
  table.sweep();
  EXPECT_EQ(keeper.uses[path_of(1)], (std::pair<std::uint32_t, std::uint64_t>{2, 800}));
  keeper.uses.clear();
  table.sweep();
  EXPECT_TRUE(keeper.uses.empty());
}

TEST_F(Eviction, ReadersWithoutTheLockDoNotUse) {
  available(1);
  EXPECT_TRUE(readable(1));
  EXPECT_TRUE(table.contains(key_of(1)));
  EXPECT_EQ(table.dump(key_of(1))->hits, 0u);
  const auto seen = table.counters();
  EXPECT_EQ(seen.hits, 1u);
  EXPECT_EQ(seen.prefix_probes, 1u);
}

class Quota : public Eviction {
 protected:
  static reservation_table_options options() {
    reservation_table_options chosen;
    chosen.quota_bytes[static_cast<std::size_t>(cache_tier::disk)] = 20;
    chosen.quota_bytes[static_cast<std::size_t>(cache_tier::ram)] = 20;
    return chosen;
  }
  auto announce(table_type& in, unsigned n, std::uint64_t size = 10) {
    const auto token = in.reserve_save(key_of(n), cache_tier::disk, path_of(n));
    keeper.files[path_of(n)].size = size;
    EXPECT_TRUE(in.mark_published(*token).has_value());
    return in.announce_saved(*token, file_content(n, size));
  }
};

TEST_F(Quota, TheOldestMakeRoom) {
  table_type full{world, keeper, options()};
  for (const unsigned n : {1u, 2u, 3u}) EXPECT_TRUE(announce(full, n).has_value());
  EXPECT_FALSE(full.lookup_exact(key_of(1)).has_value());
  EXPECT_EQ(keeper.files.count(path_of(1)), 0u);
  EXPECT_TRUE(full.lookup_exact(key_of(2)).has_value());
}

TEST_F(Quota, OverItTheFileGoesAndNothingElse) {
  table_type full{world, keeper, options()};
  EXPECT_TRUE(announce(full, 1).has_value());
  EXPECT_TRUE(announce(full, 2).has_value());
  auto claimed = full.checkout(key_of(1));
  EXPECT_EQ(announce(full, 3, 20).error(), save_refusal::over_quota);
  EXPECT_EQ(keeper.files.count(path_of(3)), 0u);
  EXPECT_FALSE(full.dump(key_of(3)).has_value());
  EXPECT_TRUE(full.lookup_exact(key_of(2)).has_value()) << "evicted in vain";
  keeper.files[path_of(3)].size = 20;
  EXPECT_EQ(full.insert_available(key_of(3), cache_tier::disk, file_content(3, 20)).error(),
            insert_refusal::over_quota);
  EXPECT_EQ(keeper.files.count(path_of(3)), 0u);
}

TEST_F(Quota, ClaimedMemoryCountsUntilItIsCheckedIn) {
  table_type full{world, keeper, options()};
  const auto put = [&](unsigned n) { return full.insert_available(key_of(n), cache_tier::ram, memory_content()); };
  EXPECT_TRUE(put(1).has_value());
  auto claimed = full.checkout(key_of(1));
  EXPECT_TRUE(put(1).has_value());
  auto newer = full.checkout(key_of(1));
  EXPECT_EQ(put(1).error(), insert_refusal::over_quota);
  claimed->check_in();
  EXPECT_TRUE(put(1).has_value());
}

}  // namespace
}  // namespace wavetank::test::eviction_test

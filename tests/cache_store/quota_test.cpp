// A tier with a quota of bytes, in real files.
#include <wavetank/tests/cache_store/real_store.h>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::quota_test {
namespace {

/// Room for so many rows: all of them take the same.
prefix_cache_options room_for(std::uint64_t rows) {
  prefix_cache_options options;
  options.table.quota_bytes[static_cast<std::size_t>(cache_tier::disk)] = rows * file_of(1).size();
  return options;
}

std::uint64_t bytes_in_use(real_cache& cache) {
  return cache.table().counters().bytes_in_use[static_cast<std::size_t>(cache_tier::disk)];
}

TEST(cache_quota, the_oldest_row_goes_for_the_newest) {
  real_store store;
  const auto cache = store.opened(room_for(2));
  for (const std::uint32_t number : {1U, 2U, 3U}) ASSERT_TRUE(save(*cache, number));
  EXPECT_EQ(store.names().size(), 2U);
  EXPECT_TRUE(holds(*cache, 3));
  EXPECT_EQ(bytes_in_use(*cache), 2 * file_of(1).size());
}

TEST(cache_quota, rows_in_use_stay_and_the_save_is_refused_without_a_trace) {
  real_store store;
  const auto cache = store.opened(room_for(1));
  ASSERT_TRUE(save(*cache, 1));
  const auto reader = cache->load(key_number(1));
  ASSERT_TRUE(reader);
  const auto refused = save(*cache, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problem, save_problem::over_quota);
  EXPECT_EQ(store.names(), std::set{kvc_final_name(key_number(1))});
  EXPECT_EQ(bytes_in_use(*cache), file_of(1).size());
}

TEST(cache_quota, a_smaller_quota_at_the_next_start_keeps_what_was_used_last) {
  real_store store;
  for (std::uint32_t number = 1; number <= 6; ++number) {
    auto metadata = metadata_of(number);
    metadata.last_use_s = number * 10;
    store.put_file(number, cache_tests::whole_file(metadata, payload_of(number)));
  }
  const auto cache = store.opened(room_for(2));
  EXPECT_TRUE(holds(*cache, 6));
  EXPECT_TRUE(holds(*cache, 5));
  EXPECT_EQ(bytes_in_use(*cache), 2 * file_of(1).size());
  EXPECT_EQ(store.names(), (std::set{kvc_final_name(key_number(5)), kvc_final_name(key_number(6))}));
}

TEST(cache_quota, a_file_larger_than_the_quota_goes_at_the_next_start) {
  real_store store;
  store.put_file(1, file_of(1));
  const auto cache = store.opened(room_for(0));
  EXPECT_TRUE(cache->table().dump().empty());
  EXPECT_TRUE(store.names().empty());
}

}  // namespace
}  // namespace wavetank::cache_store_tests::quota_test

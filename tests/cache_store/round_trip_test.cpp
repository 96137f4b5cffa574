// What is saved in a real directory is loaded from it, by this process and by the next.
#include <wavetank/tests/cache_store/real_store.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::round_trip_test {
namespace {

TEST(cache_store, what_is_saved_is_loaded_now_and_after_a_restart) {
  real_store store;
  const auto large = payload_of(3, (std::size_t{3} << 20) + 17);
  {
    const auto cache = store.opened();
    EXPECT_EQ(save(*cache, 1), key_number(1));
    EXPECT_TRUE(cache->save(cache_tier::disk, metadata_of(2), {}));
    EXPECT_TRUE(cache->save(cache_tier::disk, metadata_of(3), large));
    EXPECT_TRUE(holds(*cache, 1));
  }
  const auto cache = store.opened();
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_TRUE(cache->load(key_number(2))->payload->empty());
  EXPECT_EQ(*cache->load(key_number(3))->payload, large);
  EXPECT_EQ(cache->load(key_number(4)).error().problem, load_problem::miss);
}

TEST(cache_store, the_file_is_the_one_that_the_writer_describes_and_nothing_else_is_left) {
  real_store store;
  const auto cache = store.opened();
  ASSERT_TRUE(save(*cache, 1));
  const std::string name = kvc_final_name(key_number(1));
  EXPECT_EQ(store.names(), std::set{name});
  EXPECT_EQ(store.read_file(name), file_of(1));
}

TEST(cache_store, a_key_is_saved_once) {
  real_store store;
  const auto cache = store.opened();
  ASSERT_TRUE(save(*cache, 1));
  const auto again = cache->save(cache_tier::disk, metadata_of(1), payload_of(2));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().problem, save_problem::already_present);
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_EQ(cache->table().counters().duplicates_dropped, 1U);
}

TEST(cache_store, a_tier_without_a_directory_takes_nothing) {
  real_store store;
  const auto cache = store.opened();
  for (const auto tier : {cache_tier::ram, cache_tier::ram_file}) {
    const auto saved = cache->save(tier, metadata_of(1), payload_of(1));
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().problem, save_problem::unsupported_tier);
  }
}

TEST(cache_store, an_evicted_row_takes_its_file_with_it_but_not_from_under_a_reader) {
  real_store store;
  const auto cache = store.opened();
  ASSERT_TRUE(save(*cache, 1));
  ASSERT_TRUE(save(*cache, 2));
  {
    const auto reader = cache->load(key_number(1));
    ASSERT_TRUE(reader);
    const auto done = cache->table().gc();
    EXPECT_EQ(done.evicted, std::vector{key_number(2)});
    EXPECT_EQ(done.bytes_freed, file_of(2).size());
    EXPECT_EQ(store.names(), std::set{kvc_final_name(key_number(1))});
  }
  EXPECT_EQ(cache->table().gc().evicted, std::vector{key_number(1)});
  EXPECT_TRUE(store.names().empty());
  EXPECT_TRUE(save(*cache, 1)) << "an evicted key can be saved again";
}

TEST(cache_store, threads_that_save_and_load_the_same_keys_agree) {
  real_store store;
  const auto cache = store.opened({.saves = {.permits = 3}});
  thread_runtime world;
  constexpr std::uint32_t keys = 8;
  {
    std::vector<thread_runtime::task> tasks;
    for (int t = 0; t < 4; ++t) {
      tasks.push_back(world.spawn("saver " + std::to_string(t), [&] {
        for (std::uint32_t k = 0; k < keys; ++k) {
          const auto saved = save(*cache, k);
          EXPECT_TRUE(saved || saved.error().problem == save_problem::already_present ||
                      saved.error().problem == save_problem::conflict)
              << to_string(saved.error());
          const auto row = cache->load(key_number(k));
          EXPECT_TRUE(!row || *row->payload == payload_of(k));
        }
      }));
    }
  }  // joins
  for (std::uint32_t k = 0; k < keys; ++k) EXPECT_TRUE(holds(*cache, k)) << k;
  EXPECT_EQ(store.names().size(), keys);
}

}  // namespace
}  // namespace wavetank::cache_store_tests::round_trip_test

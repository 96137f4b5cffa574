// The tier `ram_file`: files as on a disk, in a directory of their own, beside those of the tier `disk`.
#include <wavetank/tests/cache_store/real_store.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::memory_files_test {
namespace {

/// A directory in memory files, and one on disk.
class memory_files : public testing::Test {
 protected:
  std::unique_ptr<real_cache> opened() {
    prefix_cache_options options;
    options.ram_file_path = parent_.path() + "/shm";
    auto cache = disk_.open(std::move(options));
    if (!cache) throw std::runtime_error(to_string(cache.error()));
    return std::move(*cache);
  }
  std::string file_in_memory(std::uint32_t number) const {
    return parent_.path() + "/shm/" + kvc_final_name(key_number(number));
  }

  temporary_directory parent_;
  real_store disk_;
};

TEST_F(memory_files, a_row_is_saved_in_the_tier_that_was_asked_for) {
  const auto cache = opened();
  ASSERT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
  ASSERT_TRUE(cache->save(cache_tier::disk, metadata_of(2), payload_of(2)));
  EXPECT_TRUE(std::filesystem::exists(file_in_memory(1)));
  EXPECT_EQ(disk_.names(), std::set{kvc_final_name(key_number(2))});
  EXPECT_EQ(cache->table().lookup_exact(key_number(1))->tier, cache_tier::ram_file);
  EXPECT_EQ(cache->table().lookup_exact(key_number(2))->tier, cache_tier::disk);
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_TRUE(holds(*cache, 2));
}

TEST_F(memory_files, a_restart_finds_each_row_in_its_tier) {
  {
    const auto cache = opened();
    ASSERT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
    ASSERT_TRUE(cache->save(cache_tier::disk, metadata_of(2), payload_of(2)));
  }
  const auto cache = opened();
  EXPECT_EQ(cache->table().lookup_exact(key_number(1))->tier, cache_tier::ram_file);
  EXPECT_EQ(cache->table().lookup_exact(key_number(2))->tier, cache_tier::disk);
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_TRUE(holds(*cache, 2));
}

TEST_F(memory_files, a_key_is_saved_once_whatever_the_tier) {
  const auto cache = opened();
  ASSERT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
  const auto again = save(*cache, 1);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().problem, save_problem::already_present);
  EXPECT_TRUE(disk_.names().empty());
}

TEST_F(memory_files, each_tier_is_counted_and_evicted_by_itself) {
  const auto cache = opened();
  ASSERT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
  ASSERT_TRUE(save(*cache, 2));
  const auto bytes = [&](cache_tier tier) {
    return cache->table().counters().bytes_in_use[static_cast<std::size_t>(tier)];
  };
  EXPECT_EQ(bytes(cache_tier::ram_file), file_of(1).size());
  EXPECT_EQ(bytes(cache_tier::disk), file_of(2).size());
  const auto done = cache->table().evict_bytes(1, std::array{cache_tier::ram_file});
  EXPECT_EQ(done.evicted, std::vector{key_number(1)});
  EXPECT_EQ(done.bytes_freed, file_of(1).size());
  EXPECT_FALSE(std::filesystem::exists(file_in_memory(1)));
  EXPECT_EQ(bytes(cache_tier::ram_file), 0U);
  EXPECT_TRUE(holds(*cache, 2));
}

TEST_F(memory_files, damage_in_one_tier_is_put_away_in_its_own_directory) {
  {
    const auto cache = opened();
    ASSERT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
  }
  std::filesystem::resize_file(file_in_memory(1), 20);
  const auto cache = opened();
  EXPECT_FALSE(cache->table().contains(key_number(1)));
  EXPECT_EQ(cache->found(cache_tier::ram_file).rejected.size(), 1U);
  EXPECT_TRUE(cache->found(cache_tier::disk).rejected.empty());
  EXPECT_TRUE(std::filesystem::exists(parent_.path() + "/shm/quarantine/" + kvc_final_name(key_number(1))));
  EXPECT_TRUE(cache->save(cache_tier::ram_file, metadata_of(1), payload_of(1)));
  EXPECT_TRUE(holds(*cache, 1));
}

TEST_F(memory_files, a_key_that_both_directories_hold_is_one_row_and_evicted_from_both) {
  disk_.put_file(1, file_of(1));
  std::filesystem::create_directories(parent_.path() + "/shm");
  std::filesystem::copy_file(disk_.path_of(1), file_in_memory(1));
  const auto cache = opened();
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_EQ(cache->table().dump().size(), 1U);
  EXPECT_EQ(cache->table().gc().evicted, std::vector{key_number(1)});
  EXPECT_FALSE(std::filesystem::exists(file_in_memory(1)));
  EXPECT_TRUE(disk_.names().empty());
}

}  // namespace
}  // namespace wavetank::cache_store_tests::memory_files_test

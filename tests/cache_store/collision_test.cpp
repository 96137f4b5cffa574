// A file that the table does not know of has the name that a save wants.
#include <wavetank/tests/cache_store/real_store.h>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::collision_test {
namespace {

TEST(cache_collision, a_valid_file_is_adopted_with_its_own_header) {
  real_store store;
  const auto cache = store.opened();
  auto theirs = metadata_of(1);
  theirs.save_reason = save_reason::shutdown;
  const auto file = cache_tests::whole_file(theirs, payload_of(9));
  store.put_file(1, file);

  EXPECT_TRUE(save(*cache, 1));
  EXPECT_EQ(*cache->load(key_number(1))->payload, payload_of(9));
  EXPECT_EQ(store.read_file(kvc_final_name(key_number(1))), file);
  EXPECT_EQ(cache->table().lookup_exact(key_number(1))->content.header.at(5), std::byte{4}) << "the save reason";
  EXPECT_EQ(store.names().size(), 1U) << "no temporary file is left";
}

/// Saves row 1 where there is this file.
void expect_replaced(const payload_bytes& file) {
  real_store store;
  const auto cache = store.opened();
  store.put_file(1, file);
  const auto saved = save(*cache, 1);
  EXPECT_TRUE(saved) << to_string(saved.error());
  EXPECT_TRUE(holds(*cache, 1));
  EXPECT_EQ(store.names(), std::set{kvc_final_name(key_number(1))});
}

TEST(cache_collision, an_empty_file_is_replaced) { expect_replaced({}); }

TEST(cache_collision, a_truncated_file_is_replaced) {
  auto file = file_of(1);
  file.resize(file.size() / 2);
  expect_replaced(file);
}

TEST(cache_collision, a_file_whose_payload_is_damaged_is_replaced) {
  auto file = file_of(1);
  file.back() ^= std::byte{1};
  expect_replaced(file);
}

TEST(cache_collision, a_file_of_another_key_is_replaced) { expect_replaced(file_of(2)); }

}  // namespace
}  // namespace wavetank::cache_store_tests::collision_test

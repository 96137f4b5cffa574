// A directory that the process may read and not write.
#include <wavetank/tests/cache_store/real_store.h>

#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

namespace wavetank::cache_store_tests::read_only_test {
namespace {

/// Takes the right to write a folder from the calling thread, root's included, which minds no permission bits.
class read_only {
 public:
  explicit read_only(const std::string& folder) : folder_(folder) {
    std::filesystem::permissions(std::filesystem::path(folder_).parent_path(), std::filesystem::perms{0755});
    std::filesystem::permissions(folder_, std::filesystem::perms{0555});
    constexpr uid_t nobody = 65534;
    if (::geteuid() == 0) ::setfsuid(nobody);
  }
  read_only(const read_only&) = delete;
  read_only& operator=(const read_only&) = delete;
  ~read_only() {
    ::setfsuid(::geteuid());
    std::filesystem::permissions(folder_, std::filesystem::perms{0755});
  }

 private:
  std::string folder_;
};

TEST(cache_read_only, rows_are_served_and_no_save_is_acknowledged) {
  real_store store;
  ASSERT_TRUE(save(*store.opened(), 1));
  const read_only here{store.path()};
  const auto cache = store.opened();
  EXPECT_TRUE(holds(*cache, 1));
  const auto saved = save(*cache, 2);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().problem, save_problem::directory_untrusted);
  EXPECT_EQ(cache->load(key_number(2)).error().problem, load_problem::miss);
}

TEST(cache_read_only, files_that_no_cache_ever_owned_are_served) {
  real_store store;
  store.put_file(1, file_of(1));
  const read_only here{store.path()};
  EXPECT_TRUE(holds(*store.opened(), 1));
  EXPECT_EQ(store.names(), std::set{kvc_final_name(key_number(1))});
}

TEST(cache_read_only, what_cannot_be_quarantined_is_not_indexed_either) {
  real_store store;
  store.put_file(1, {});
  const read_only here{store.path()};
  const auto cache = store.opened();
  EXPECT_TRUE(cache->table().dump().empty());
  ASSERT_EQ(cache->found(cache_tier::disk).rejected.size(), 1U);
  EXPECT_FALSE(cache->found(cache_tier::disk).rejected.front().quarantined);
}

TEST(cache_read_only, a_right_that_is_lost_later_is_an_error_of_the_call) {
  real_store store;
  const auto cache = store.opened();
  ASSERT_TRUE(save(*cache, 1));
  {
    const read_only here{store.path()};
    const auto saved = save(*cache, 2);
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().problem, save_problem::io);
    EXPECT_EQ(saved.error().cause->call, io_call::open);
    EXPECT_EQ(saved.error().cause->error_number, EACCES);
    EXPECT_TRUE(holds(*cache, 1));
  }
  EXPECT_TRUE(save(*cache, 2)) << "and once it is back the key can be saved";
}

}  // namespace
}  // namespace wavetank::cache_store_tests::read_only_test

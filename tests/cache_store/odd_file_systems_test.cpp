// File systems that are not as they should be: what they cannot do is refused, what they change is found.
#include <wavetank/tests/cache_store/real_store.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::odd_file_systems_test {
namespace {

constexpr std::size_t payload_size = 5'000;

/// A medium that changes the last byte of a payload on its way.
struct changing_files : posix_file_system {
  io_result<void> pwrite(const file& to, std::uint64_t offset, std::span<const std::byte> bytes) const {
    if (bytes.size() != payload_size) return posix_file_system::pwrite(to, offset, bytes);
    std::vector<std::byte> changed{bytes.begin(), bytes.end()};
    changed.back() ^= std::byte{1};
    return posix_file_system::pwrite(to, offset, changed);
  }
};

/// No hard links.
struct linkless_files : posix_file_system {
  io_result<void> link(std::string_view, std::string_view) const {
    return tl::make_unexpected(io_error{io_call::link, EOPNOTSUPP});
  }
};

/// Nor a rename that does not replace.
struct crude_files : linkless_files {
  io_result<void> rename(std::string_view from, std::string_view to, rename_mode mode) const {
    if (mode == rename_mode::no_replace) return tl::make_unexpected(io_error{io_call::rename, EINVAL});
    return posix_file_system::rename(from, to, mode);
  }
};

template <class Files>
struct store {
  auto open(kvc_scrutiny after_link = kvc_scrutiny::full) {
    prefix_cache_options options;
    options.disk_path = directory.path();
    options.saves.verify_after_link = after_link;
    return prefix_cache<thread_runtime, Files>::open(world, files, std::move(options));
  }
  std::size_t files_left() const {
    std::size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
      if (entry.is_regular_file() && entry.path().filename() != ".lock") ++left;
    }
    return left;
  }

  temporary_directory directory;
  thread_runtime world;
  Files files;
};

TEST(cache_store, a_payload_that_the_medium_changed_is_not_saved) {
  store<changing_files> s;
  const auto cache = std::move(*s.open());
  const auto saved = cache->save(cache_tier::disk, metadata_of(1), payload_of(1, payload_size));
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().problem, save_problem::corrupt);
  ASSERT_TRUE(saved.error().file);
  EXPECT_EQ(saved.error().file->problem, kvc_problem::checksum);
  EXPECT_EQ(cache->load(key_number(1)).error().problem, load_problem::miss);
  EXPECT_EQ(s.files_left(), 0U);
}

TEST(cache_store, a_look_at_the_head_leaves_a_changed_payload_to_who_loads_it) {
  store<changing_files> s;
  const auto cache = std::move(*s.open(kvc_scrutiny::head));
  ASSERT_TRUE(cache->save(cache_tier::disk, metadata_of(1), payload_of(1, payload_size)));
  EXPECT_EQ(cache->load(key_number(1)).error().problem, load_problem::corrupt);
}

TEST(cache_store, a_directory_without_links_is_written_by_renames) {
  store<linkless_files> s;
  const auto cache = std::move(*s.open());
  ASSERT_TRUE(cache->save(cache_tier::disk, metadata_of(1), payload_of(1)));
  EXPECT_EQ(*cache->load(key_number(1))->payload, payload_of(1));
  EXPECT_EQ(s.files_left(), 1U);
}

TEST(cache_store, a_directory_without_links_and_exclusive_renames_is_refused) {
  store<crude_files> s;
  const auto cache = s.open();
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().problem, directory_problem::unsupported);
  EXPECT_EQ(s.files_left(), 0U);
}

}  // namespace
}  // namespace wavetank::cache_store_tests::odd_file_systems_test

// What the log says of a batch, as its writers hear it.
#include <wavetank/impl/batch/log_backend.h>
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::log_backend_test {
namespace {

/// A disk that fails when told.
struct failing_files : posix_file_system {
  io_result<void> pwrite(const file& to, std::uint64_t offset, std::span<const std::byte> bytes) const {
    const std::size_t missing = std::exchange(missing_bytes, 0);
    if (missing == 0) return posix_file_system::pwrite(to, offset, bytes);
    const std::size_t lost = std::min(missing, bytes.size());
    if (auto begun = posix_file_system::pwrite(to, offset, bytes.first(bytes.size() - lost)); !begun) return begun;
    return tl::make_unexpected(io_error{io_call::pwrite, ENOSPC, lost});
  }
  io_result<void> fdatasync(const file& of) const {
    if (std::exchange(sync_fails, false)) return tl::make_unexpected(io_error{io_call::fdatasync, EIO});
    return posix_file_system::fdatasync(of);
  }
  mutable std::size_t missing_bytes = 0;  ///< of the next write
  mutable bool sync_fails = false;        ///< the next one
};

using backend_type = log_backend<thread_runtime, failing_files>;
using batcher_type = window_batcher<thread_runtime, backend_type>;
using bytes = std::vector<std::byte>;

class log_backend_errors : public testing::Test {
 protected:
  log_backend_errors() {
    auto log = disk_log<thread_runtime, failing_files>::open(world, files, directory.path(), {.max_batch_bytes = 100},
                                                             [](auto, const auto&) {});
    EXPECT_TRUE(log);
    backend.add(0, std::move(*log));
    EXPECT_TRUE(batcher.write(0, "a", bytes(1)));  // the segment has zeros ahead from now on
  }
  write_error refused(std::size_t size = 1) {
    auto said = batcher.write(0, "a", bytes(size));
    EXPECT_FALSE(said);
    return said ? write_error{} : said.error();
  }

  temporary_directory directory;
  thread_runtime world;
  failing_files files;
  backend_type backend;
  batcher_type batcher{world, backend, {0}};
};

TEST_F(log_backend_errors, a_frame_of_which_bytes_are_missing_is_not_committed) {
  files.missing_bytes = 1'000;
  EXPECT_EQ(refused().what, write_problem::not_committed);
  EXPECT_TRUE(batcher.write(0, "a", bytes(1)));
}

TEST_F(log_backend_errors, a_frame_that_lacks_only_zeros_is_of_unknown_outcome) {
  files.missing_bytes = 2;  // of the padding behind four bytes of length and one of the item
  EXPECT_EQ(refused().what, write_problem::unknown_outcome);
  EXPECT_TRUE(batcher.write(0, "a", bytes(1)));
}

TEST_F(log_backend_errors, a_failed_sync_is_of_unknown_outcome) {
  files.sync_fails = true;
  EXPECT_EQ(refused().what, write_problem::unknown_outcome);
  EXPECT_TRUE(batcher.write(0, "a", bytes(1)));
}

TEST_F(log_backend_errors, what_is_too_large_for_the_log_is_named) {
  const write_error why = refused(200);
  EXPECT_EQ(why.what, write_problem::not_committed);
  EXPECT_NE(why.text.find("raise max_batch_bytes"), std::string::npos) << why.text;
}

TEST_F(log_backend_errors, a_shard_without_a_log_has_nothing_to_discard) {
  EXPECT_EQ(backend.discard_before(7, 9), 0U);
}

TEST_F(log_backend_errors, a_shard_without_a_log_commits_nothing) {
  const auto said = batcher.write(7, "a", bytes(1));
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().what, write_problem::not_committed);
  EXPECT_EQ(said.error().text, "the shard has no log");
}

TEST(log_backend, what_a_checkpoint_covers_is_discarded_a_segment_at_a_time) {
  const temporary_directory directory;
  thread_runtime world;
  failing_files files;
  std::vector<std::uint64_t> replayed;
  const auto open = [&] {
    return disk_log<thread_runtime, failing_files>::open(
        world, files, directory.path(), {.segment_bytes = 128, .reserve_bytes = 0},
        [&](std::uint64_t sequence, const auto&) { replayed.push_back(sequence); });
  };
  {
    auto log = open();
    ASSERT_TRUE(log);
    backend_type backend;
    backend.add(0, std::move(*log));
    batcher_type batcher{world, backend, {0}};
    for (std::uint64_t n = 1; n <= 4; ++n) EXPECT_EQ(batcher.write(0, "a", bytes(100)), n);  // each fills its segment
    EXPECT_EQ(backend.discard_before(0, 3), 2U);
    EXPECT_EQ(backend.discard_before(0, 3), 0U);
    EXPECT_EQ(batcher.write(0, "a", bytes(100)), 5U);
  }
  ASSERT_TRUE(open());
  EXPECT_EQ(replayed, (std::vector<std::uint64_t>{3, 4, 5}));
}

}  // namespace
}  // namespace wavetank::batch_tests::log_backend_test

// The batcher on real threads with the log on a real disk. A program of its own, so that ThreadSanitizer sees it
// without the simulated world's fibers.
#include <wavetank/impl/batch/log_backend.h>
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::shared_syncs_test {
namespace {

class shared_syncs : public testing::TestWithParam<std::uint32_t> {};

/// A third of the threads coalesces behind the commit in flight, a third waits for its window, a third writes directly.
TEST_P(shared_syncs, of_a_log_on_a_real_disk_lose_nothing_and_keep_each_writers_order) {
  constexpr int writers = 9;
  constexpr int each = 50;
  const temporary_directory directory;
  posix_file_system files;
  thread_runtime threads_world;
  using file_log = disk_log<thread_runtime, posix_file_system>;
  // Segments that end now and then while others sync.
  auto opened =
      file_log::open(threads_world, files, directory.path(), {.segment_bytes = 4096}, [](auto, const auto&) {});
  ASSERT_TRUE(opened) << to_string(opened.error());
  {
    log_backend<thread_runtime, posix_file_system> backend;
    backend.add(0, std::move(*opened));
    using batcher = window_batcher<thread_runtime, decltype(backend)>;
    batch_options options;
    options.max_commits_in_flight = GetParam();
    auto made = batcher::make(threads_world, backend, {0}, options);
    ASSERT_TRUE(made) << to_string(made.error());
    batcher& b = **made;
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          std::vector<std::byte> one{std::byte(t), std::byte(i)};
          if (t % 3 == 2) {
            EXPECT_TRUE(b.write(0, "direct", std::move(one)));
          } else {
            EXPECT_TRUE(b.write_batch(0, t % 3 == 0 ? batcher::batch_kind::generic : batcher::batch_kind::put, {one}));
          }
        }
      });
    }
    for (auto& one : threads) one.join();
    EXPECT_EQ(b.metrics(0)->items, static_cast<std::uint64_t>(writers / 3 * 2 * each));
  }
  std::set<std::pair<int, int>> found;
  std::vector<int> next(writers, 0);
  const auto again = file_log::open(threads_world, files, directory.path(), {}, [&](auto, const auto& items) {
    for (const auto& item : items) {
      const int writer = std::to_integer<int>(item[0]);
      EXPECT_EQ(std::to_integer<int>(item[1]), next[static_cast<std::size_t>(writer)]++);
      EXPECT_TRUE(found.emplace(writer, std::to_integer<int>(item[1])).second);
    }
  });
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(found.size(), static_cast<std::size_t>(writers * each));
}

INSTANTIATE_TEST_SUITE_P(commits_in_flight, shared_syncs, testing::Values(1U, 2U, 3U));

}  // namespace
}  // namespace wavetank::batch_tests::shared_syncs_test

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

namespace wavetank::batch_tests {
namespace {

TEST(window_batcher, threads_share_the_syncs_of_a_log_on_a_real_disk) {
  constexpr int writers = 8;
  constexpr int each = 50;
  const temporary_directory directory;
  posix_file_system files;
  thread_runtime threads_world;
  using file_log = disk_log<thread_runtime, posix_file_system>;
  auto opened = file_log::open(threads_world, files, directory.path(), {}, [](auto, const auto&) {});
  ASSERT_TRUE(opened) << to_string(opened.error());
  {
    log_backend<thread_runtime, posix_file_system> backend;
    backend.add(0, std::move(*opened));
    using batcher = window_batcher<thread_runtime, decltype(backend)>;
    batcher b{threads_world, backend, {0}};
    std::vector<std::thread> threads;
    for (int t = 0; t < writers; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          std::vector<std::vector<std::byte>> one{{std::byte(t), std::byte(i)}};
          EXPECT_TRUE(b.write_batch(0, batcher::batch_kind::generic, std::move(one)));
        }
      });
    }
    for (auto& one : threads) one.join();
    EXPECT_EQ(b.metrics(0)->items, static_cast<std::uint64_t>(writers * each));
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

}  // namespace
}  // namespace wavetank::batch_tests

// The whole write path on threads and on fibers: gate, batcher and logs of two shards, and maintenance that pauses
// them.
#include <wavetank/impl/batch/log_backend.h>
#include <wavetank/impl/batch/write_pause.h>
#include <wavetank/impl/runtime/fiber/fiber_file_system.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/tests/conformance/production_worlds.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::write_path_test {
namespace {

template <class World>
class write_path : public testing::Test {};
TYPED_TEST_SUITE(write_path, conformance::production_worlds, conformance::world_names);

template <class R>
using files_of = std::conditional_t<std::is_same_v<R, thread_runtime>, posix_file_system, fiber_file_system>;

constexpr shard_number shards = 2;
constexpr std::size_t writers = 4;
constexpr std::size_t writes = 60;
constexpr std::size_t pauses = 10;
constexpr std::byte barrier_mark{0xff};

template <class R>
auto open(R& world, files_of<R>& files, const temporary_directory& in, std::vector<std::vector<std::byte>>& replayed) {
  using log_type = disk_log<R, files_of<R>>;
  return log_type::open(world, files, in.path(), {.segment_bytes = 4096}, [&](auto, const auto& items) {
    for (const auto& item : items) replayed.emplace_back(item.begin(), item.end());
  });
}

/// What the writers have done, each in its own place: plain memory, which the gate alone guards against maintenance.
using progress = std::array<std::size_t, writers>;

TYPED_TEST(write_path, pauses_between_writes_to_two_shards_and_loses_nothing) {
  TypeParam::run([](auto& world) {
    using R = std::remove_reference_t<decltype(world)>;
    using backend_type = log_backend<R, files_of<R>>;
    const std::array<temporary_directory, shards> directories;
    files_of<R> files;
    std::vector<std::vector<std::byte>> nothing;
    {
      backend_type backend;
      for (shard_number one = 0; one < shards; ++one) {
        auto log = open(world, files, directories[one], nothing);
        ASSERT_TRUE(log) << to_string(log.error());
        backend.add(one, std::move(*log));
      }
      window_batcher<R, backend_type> batcher{world, backend, {0, 1}};
      sync_gate<R> gate{world, shards};
      progress done{};
      std::vector<typename R::task> tasks;
      for (std::size_t w = 0; w < writers; ++w) {
        tasks.push_back(world.spawn("writer", [&, w] {
          for (std::size_t i = 0; i < writes; ++i) {
            const auto shard = static_cast<shard_number>(i % shards);
            const auto inside = gate.enter(shard);
            const std::vector<std::byte> one{std::byte(w), std::byte(i)};
            if (i % 3 == 0) {
              EXPECT_TRUE(batcher.write(shard, "direct", one));
            } else {
              EXPECT_TRUE(batcher.write_batch(shard, decltype(batcher)::batch_kind::generic, {one}));
            }
            ++done[w];
          }
        }));
      }
      for (std::size_t i = 0; i < pauses; ++i) {
        const auto barrier = [](shard_number) { return std::vector<std::byte>{barrier_mark}; };
        const auto held = pause_writes(world, gate, batcher, std::vector<shard_number>{0, 1}, barrier,
                                       world.now() + std::chrono::seconds(30));
        ASSERT_TRUE(held) << to_string(held.error());
        const progress before = done;
        R::relax(~0U);
        EXPECT_EQ(done, before);
      }
      for (auto& one : tasks) one.join();
    }
    std::array<std::size_t, writers> found{};
    std::size_t barriers = 0;
    for (shard_number shard = 0; shard < shards; ++shard) {
      std::vector<std::vector<std::byte>> replayed;
      ASSERT_TRUE(open(world, files, directories[shard], replayed));
      std::array<std::size_t, writers> next{shard, shard, shard, shard};
      for (const auto& item : replayed) {
        if (item.front() == barrier_mark) {
          ++barriers;
          continue;
        }
        const auto w = std::to_integer<std::size_t>(item[0]);
        EXPECT_EQ(std::to_integer<std::size_t>(item[1]), next[w]);
        next[w] += shards;
        ++found[w];
      }
    }
    EXPECT_EQ(barriers, shards * pauses);
    EXPECT_EQ(found, (std::array<std::size_t, writers>{writes, writes, writes, writes}));
  });
}

}  // namespace
}  // namespace wavetank::batch_tests::write_path_test

// A producer's own way into a partition: its order, its shard, its end.
#include "simulated.h"

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::partition_writer_test {
namespace {

using table = queue_table<int>;

static_assert(sizeof(buffer_detail::table_frame<thread_runtime, table>::shard) == 64,
              "what a put touches of a shard is one cache line");

template <class R>
struct a_partition {
  using type = double_buffer_partition<R, table>;

  explicit a_partition(R& world, partition_options options = {}) {
    batch_processor<R, table> to;
    to.batch = [this](std::span<const int> batch, const auto&) {
      delivered.insert(delivered.end(), batch.begin(), batch.end());
    };
    it = std::move(*type::make(world, std::move(to), options));
  }
  std::vector<int> delivered;
  std::unique_ptr<type> it;
};

TEST(partition_writer_on_threads, writers_of_one_task_have_shards_of_their_own) {
  thread_runtime world;
  a_partition<thread_runtime> of(world, {.shards = 2});
  auto first = of.it->writer();
  {
    auto second = of.it->writer();
    ASSERT_TRUE(second.put(20));
    ASSERT_TRUE(first.put(10));
    ASSERT_TRUE(second.put(21));
    ASSERT_TRUE(first.put(11));
    ASSERT_TRUE(of.it->flush());
  }
  EXPECT_EQ(of.delivered, (std::vector<int>{10, 11, 20, 21})) << "shard after shard";
  auto third = of.it->writer();
  ASSERT_TRUE(third.put(30));
  ASSERT_TRUE(first.put(12));
  ASSERT_TRUE(of.it->flush());
  EXPECT_EQ(of.delivered, (std::vector<int>{10, 11, 20, 21, 12, 30})) << "the shard that the second one has left";
}

TEST(partition_writer_on_threads, several_records_are_accepted_as_one) {
  thread_runtime world;
  a_partition<thread_runtime> of(world, {.max_records = 3});
  auto writer = of.it->writer();
  EXPECT_TRUE(writer.put(std::vector<int>{1, 2}));
  EXPECT_EQ(writer.put(std::vector<int>{3, 4}).error().what, put_problem::full);
  EXPECT_TRUE(writer.put(3));
  ASSERT_TRUE(of.it->flush());
  EXPECT_EQ(of.delivered, (std::vector<int>{1, 2, 3}));
}

TEST(partition_writer_on_threads, outlives_the_partition_and_is_refused) {
  thread_runtime world;
  auto of = std::make_unique<a_partition<thread_runtime>>(world);
  auto writer = of->it->writer();
  ASSERT_TRUE(writer.put(1));
  of.reset();
  EXPECT_EQ(writer.put(2).error().what, put_problem::closed);
}

TEST(partition_writer_on_threads, of_a_buffer_goes_to_the_partition_that_is_named) {
  thread_runtime world;
  using buffer = partitioned_buffer<thread_runtime, table>;
  std::vector<std::vector<int>> delivered(2);
  buffer::processor to;
  to.batch = [&](std::span<const int> batch, const auto& c) {
    delivered[c.partition].insert(delivered[c.partition].end(), batch.begin(), batch.end());
  };
  auto made = std::move(*buffer::make(world, to, {.partitions = 2}));
  for (std::size_t p = 0; p < 2; ++p) {
    auto writer = made->writer(p);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.put(i));
  }
  auto own = made->writer();
  ASSERT_TRUE(own.put(3));
  ASSERT_TRUE(made->put(4));
  EXPECT_THROW(made->writer(2), std::out_of_range);
  made->stop();
  EXPECT_EQ(delivered[0].size() + delivered[1].size(), 8U);
  EXPECT_TRUE(delivered[0].size() == 3 || delivered[1].size() == 3) << "both of the task's own went the same way";
}

TEST(partition_writer_on_threads, keep_their_order_across_ticks) {
  constexpr int records = 20'000;
  thread_runtime world;
  a_partition<thread_runtime> of(world, {.processing_interval = std::chrono::microseconds(200)});
  {
    std::vector<thread_runtime::task> producers;
    for (int p = 0; p < 2; ++p) {
      producers.push_back(world.spawn("producer", [&of, p] {
        auto writer = of.it->writer();
        for (int i = 0; i < records; ++i) EXPECT_TRUE(writer.put(2 * i + p));
      }));
    }
  }
  of.it->stop();
  std::vector<int> next{0, 1};
  for (const int each : of.delivered) {
    int& expected = next[static_cast<std::size_t>(each % 2)];
    ASSERT_EQ(each, expected);
    expected += 2;
  }
  EXPECT_EQ(next, (std::vector<int>{2 * records, 2 * records + 1}));
}

/// A put through a writer that has not looked since the last swap, beside the next one.
TEST(partition_writer, keeps_its_order_across_swaps) {
  expect_holds(
      [](sim::world& w) {
        a_partition<sim::runtime> of(w.runtime(), {.processing_interval = std::chrono::milliseconds(10), .shards = 2});
        {
          auto writer = of.it->writer();
          auto putting = w.runtime().spawn("producer", [&] {
            for (int i = 0; i < 4; ++i) w.require(writer.put(i).has_value(), "a put is refused");
          });
          of.it->flush();
          of.it->flush();
          putting.join();
        }
        of.it->stop();
        w.require(of.delivered == std::vector<int>{0, 1, 2, 3}, "a record is lost, doubled or out of order");
      },
      {}, 20'000);
}

}  // namespace
}  // namespace wavetank::buffer_tests::partition_writer_test

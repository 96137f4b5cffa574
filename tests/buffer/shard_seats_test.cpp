// Writers spread over shards: whoever comes takes one of the emptiest, and keeps it.
#include <wavetank/impl/buffer/shard_seats.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <latch>
#include <set>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::shard_seats_test {
namespace {

/// What a writer knows of its shard: nothing but which it is.
struct place {
  explicit place(std::size_t index) : shard(index) {}
  std::size_t shard;
};
using seats = buffer_detail::shard_seats<thread_runtime, place>;

/// The shards of so many tasks that live at the same time.
std::multiset<std::size_t> shards_of_tasks(thread_runtime& world, seats& of, std::ptrdiff_t number) {
  std::vector<std::size_t> shards(static_cast<std::size_t>(number));
  std::latch all_sit{number};
  std::vector<thread_runtime::task> tasks;
  for (std::size_t& shard : shards) {
    tasks.push_back(world.spawn("writer", [&] {
      shard = of.own().shard;
      EXPECT_EQ(of.own().shard, shard) << "a task keeps its shard";
      all_sit.arrive_and_wait();
    }));
  }
  for (auto& each : tasks) each.join();
  return {shards.begin(), shards.end()};
}

TEST(shard_seats, as_many_tasks_as_shards_share_none) {
  thread_runtime world;
  seats of(world, 4);
  EXPECT_EQ(shards_of_tasks(world, of, 4), (std::multiset<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(shards_of_tasks(world, of, 4), (std::multiset<std::size_t>{0, 1, 2, 3})) << "the dead have left";
}

TEST(shard_seats, more_tasks_than_shards_are_spread_evenly) {
  thread_runtime world;
  seats of(world, 2);
  EXPECT_EQ(shards_of_tasks(world, of, 6), (std::multiset<std::size_t>{0, 0, 0, 1, 1, 1}));
}

TEST(shard_seats, those_who_came_and_went_leave_room_where_they_were) {
  thread_runtime world;
  seats of(world, 2);
  EXPECT_EQ(of.own().shard, 0U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(shards_of_tasks(world, of, 1), (std::multiset<std::size_t>{1}));
}

TEST(shard_seats, a_task_may_outlive_them) {
  thread_runtime world;
  world
      .spawn("writer",
             [&] {
               for (int i = 0; i < 40; ++i) EXPECT_EQ(seats(world, 2).own().shard, 0U);
             })
      .join();
}

}  // namespace
}  // namespace wavetank::buffer_tests::shard_seats_test

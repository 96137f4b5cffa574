// Properties of the mailbox in every schedule, and the same mailbox on real threads.
#include "mailbox.h"

#include <vector>

#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/props/explore.h>
#include <wavetank/sim/world.h>

#include <gtest/gtest.h>

TEST(mailbox, loses_nothing) {
  wavetank::explore([](wavetank::sim::world& world) {
    mailbox<int, wavetank::sim::runtime> box{world.runtime()};
    world.spawn("producer", [&] { box.put(1); });
    world.spawn("consumer", [&] { EXPECT_EQ(box.take(), 1); });
    world.join_all();
  });
}

TEST(mailbox, two_producers_and_two_consumers_never_get_stuck) {
  wavetank::explore([](wavetank::sim::world& world) {
    mailbox<int, wavetank::sim::runtime> box{world.runtime()};
    int sum = 0;  // tasks of a simulated world take turns, so a plain variable of the test itself is safe
    world.spawn("producer 1", [&] { box.put(1); });
    world.spawn("producer 2", [&] { box.put(2); });
    world.spawn("consumer 1", [&] { sum += box.take(); });
    world.spawn("consumer 2", [&] { sum += box.take(); });
    world.join_all();
    EXPECT_EQ(sum, 3);
  });
}

TEST(mailbox, keeps_the_order_of_one_producer) {
  wavetank::explore([](wavetank::sim::world& world) {
    mailbox<int, wavetank::sim::runtime> box{world.runtime()};
    world.spawn("producer", [&] {
      for (const int message : {1, 2, 3}) box.put(message);
    });
    std::vector<int> taken;
    world.spawn("consumer", [&] {
      for (int i = 0; i < 3; ++i) taken.push_back(box.take());
    });
    world.join_all();
    EXPECT_EQ(taken, (std::vector<int>{1, 2, 3}));
  });
}

TEST(mailbox, is_the_same_code_on_threads) {
  wavetank::thread_runtime world;
  mailbox<int, wavetank::thread_runtime> box{world};
  auto producer = world.spawn("producer", [&] { box.put(1); });
  EXPECT_EQ(box.take(), 1);
  producer.join();
}

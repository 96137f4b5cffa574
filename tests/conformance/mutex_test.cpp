// Mutexes and condition variables, on every world.
#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/worlds.h>

#include <chrono>
#include <mutex>
#include <vector>

namespace wavetank::conformance::mutex_test {
namespace {

using namespace std::chrono_literals;

template <class World>
class mutex : public ::testing::Test {};
TYPED_TEST_SUITE(mutex, worlds, world_names);

TYPED_TEST(mutex, admits_one_task_at_a_time) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    int inside = 0;
    int passed = 0;
    bool crowded = false;
    std::vector<typename R::task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(r.spawn("visitor", [&] {
        for (int n = 0; n < 20; ++n) {
          const std::lock_guard lock{guard};
          crowded = crowded || ++inside != 1;
          ++passed;
          --inside;
        }
      }));
    }
    for (auto& t : tasks) t.join();
    EXPECT_FALSE(crowded);
    EXPECT_EQ(passed, 60);
  });
}

TYPED_TEST(mutex, what_was_written_under_it_is_seen_under_it) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    typename R::template shared<int> value{};
    auto writer = r.spawn("writer", [&] {
      const std::lock_guard lock{guard};
      R::write(value) = 1;
    });
    {
      const std::lock_guard lock{guard};
      const int seen = R::read(value);
      EXPECT_TRUE(seen == 0 || seen == 1);
    }
    writer.join();
    EXPECT_EQ(R::read(value), 1);
  });
}

template <class World>
class condition_variable : public ::testing::Test {};
TYPED_TEST_SUITE(condition_variable, worlds, world_names);

TYPED_TEST(condition_variable, a_wait_lets_others_have_the_mutex_and_ends_by_notification) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    typename R::condition_variable changed;
    int turn = 0;
    auto other = r.spawn("other", [&] {
      std::unique_lock lock{guard};
      turn = 1;
      changed.notify_one();
      while (turn != 2) changed.wait(lock);
      turn = 3;
      changed.notify_one();
    });
    {
      std::unique_lock lock{guard};
      while (turn != 1) changed.wait(lock);
      turn = 2;
      changed.notify_one();
      while (turn != 3) changed.wait(lock);
    }
    other.join();
    EXPECT_EQ(turn, 3);
  });
}

TYPED_TEST(condition_variable, notify_all_wakes_everyone) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> start;
    std::vector<typename R::task> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(r.spawn("waiter", [&] { start.pass(); }));
    start.open();
    for (auto& t : tasks) t.join();
    EXPECT_TRUE(start.is_open());
  });
}

TYPED_TEST(condition_variable, a_deadline_ends_a_wait_that_nobody_notifies) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    typename R::condition_variable never;
    std::unique_lock lock{guard};
    const auto deadline = r.now() + 5ms;
    while (r.now() < deadline) never.wait_until(lock, deadline);
    EXPECT_TRUE(lock.owns_lock());
    EXPECT_GE(r.now(), deadline);
  });
}

TYPED_TEST(condition_variable, a_deadline_that_has_passed_ends_the_wait_at_once) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    typename R::condition_variable never;
    std::unique_lock lock{guard};
    never.wait_until(lock, r.now() - 1h);
    EXPECT_TRUE(lock.owns_lock());
  });
}

TYPED_TEST(condition_variable, a_notification_ends_a_wait_with_a_far_deadline) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::mutex guard;
    typename R::condition_variable changed;
    bool ready = false;
    auto other = r.spawn("notifier", [&] {
      const std::lock_guard lock{guard};
      ready = true;
      changed.notify_one();
    });
    {
      std::unique_lock lock{guard};
      const auto deadline = r.now() + 1h;
      while (!ready && r.now() < deadline) changed.wait_until(lock, deadline);
      EXPECT_TRUE(ready);
    }
    other.join();
  });
}

}  // namespace
}  // namespace wavetank::conformance::mutex_test

// Tasks: spawning, joining, identity, names; and the clock. On every world.
#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/worlds.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::conformance::task_test {
namespace {

using namespace std::chrono_literals;

template <class World>
class task : public ::testing::Test {};
TYPED_TEST_SUITE(task, worlds, world_names);

TYPED_TEST(task, join_returns_after_the_body_has) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    bool done = false;
    auto t = r.spawn("worker", [&] { done = true; });
    t.join();
    EXPECT_TRUE(done);
  });
}

TYPED_TEST(task, a_handle_that_is_destroyed_joins) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    bool done = false;
    {
      const auto t = r.spawn("worker", [&] { done = true; });
    }
    EXPECT_TRUE(done);
  });
}

TYPED_TEST(task, a_handle_moves) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    bool done = false;
    auto t = r.spawn("worker", [&] { done = true; });
    const task_id id = t.id();
    typename R::task moved = std::move(t);
    EXPECT_EQ(moved.id(), id);
    moved.join();
    EXPECT_TRUE(done);
  });
}

TYPED_TEST(task, join_rethrows_what_ended_the_task) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto t = r.spawn("thrower", [] { throw std::runtime_error("broken"); });
    std::string what;
    try {
      t.join();
    } catch (const std::runtime_error& e) {
      what = e.what();
    }
    EXPECT_EQ(what, "broken");
  });
}

TYPED_TEST(task, an_exception_ends_its_task_alone) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    bool other_done = false;
    auto thrower = r.spawn("thrower", [] { throw 1; });
    auto other = r.spawn("other", [&] { other_done = true; });
    EXPECT_THROW(thrower.join(), int);
    other.join();
    EXPECT_TRUE(other_done);
  });
}

TYPED_TEST(task, tasks_spawn_tasks) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    int sum = 0;
    r.spawn("outer", [&] {
       r.spawn("inner", [&] { sum += 1; }).join();
       sum += 2;
     }).join();
    EXPECT_EQ(sum, 3);
  });
}

TYPED_TEST(task, identities_are_never_reused) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::set<task_id> seen{r.current_task()};
    for (int i = 0; i < 8; ++i) {
      auto t = r.spawn("brief", [] {});
      EXPECT_TRUE(seen.insert(t.id()).second);
      t.join();
    }
    EXPECT_FALSE(seen.contains(task_id{}));
  });
}

TYPED_TEST(task, a_task_knows_who_it_is) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    task_id inside;
    std::string name;
    auto t = r.spawn("the name", [&] {
      inside = r.current_task();
      name = r.name_of(inside);
    });
    const task_id id = t.id();
    t.join();
    EXPECT_EQ(inside, id);
    EXPECT_NE(inside, r.current_task());
    EXPECT_EQ(r.current_task(), r.current_task());
    EXPECT_NE(name.find("the name"), std::string::npos);
  });
}

TYPED_TEST(task, the_clock_never_goes_back) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto last = r.now();
    for (int i = 0; i < 50; ++i) {
      const auto now = r.now();
      EXPECT_GE(now, last);
      last = now;
    }
  });
}

TYPED_TEST(task, a_sleep_ends_not_before_its_time) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    const auto until = r.now() + 3ms;
    r.sleep_until(until);
    EXPECT_GE(r.now(), until);
  });
}

TYPED_TEST(task, a_sleep_until_the_past_returns) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    const auto before = r.now();
    r.sleep_until(before - 1h);
    EXPECT_GE(r.now(), before);
  });
}

TYPED_TEST(task, random_numbers_differ) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::set<std::uint64_t> drawn;
    for (int i = 0; i < 16; ++i) drawn.insert(r.random());
    EXPECT_GT(drawn.size(), 1U);  // all equal by chance: 2^-960
  });
}

}  // namespace
}  // namespace wavetank::conformance::task_test

// Atomics, on every world.
#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/worlds.h>

#include <atomic>
#include <cstdint>
#include <vector>

namespace wavetank::conformance::atomic_test {
namespace {

template <class World>
class atomic : public ::testing::Test {};
TYPED_TEST_SUITE(atomic, worlds, world_names);

TYPED_TEST(atomic, read_modify_writes_lose_nothing) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::template atomic<std::uint64_t> sum{0};
    std::vector<typename R::task> tasks;
    for (int i = 0; i < 3; ++i) {
      tasks.push_back(r.spawn("adder", [&] {
        for (int n = 0; n < 20; ++n) sum.fetch_add(1, std::memory_order_relaxed);
      }));
    }
    for (auto& t : tasks) t.join();
    EXPECT_EQ(sum.load(), 60U);
  });
}

TYPED_TEST(atomic, a_compare_and_swap_that_fails_shows_what_is_there) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::template atomic<std::uint64_t> value{7};
    std::uint64_t expected = 3;
    EXPECT_FALSE(value.compare_exchange_strong(expected, 9));
    EXPECT_EQ(expected, 7U);
    EXPECT_TRUE(value.compare_exchange_strong(expected, 9));
    EXPECT_EQ(value.exchange(11), 9U);
    value.store(13);
    EXPECT_EQ(value.load(), 13U);
  });
}

TYPED_TEST(atomic, one_of_two_claims_wins) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::template atomic<std::uint64_t> owner{0};
    const auto claim = [&](std::uint64_t me) {
      std::uint64_t nobody = 0;
      return owner.compare_exchange_strong(nobody, me);
    };
    bool other_won = false;
    auto other = r.spawn("rival", [&] { other_won = claim(1); });
    const bool won = claim(2);
    other.join();
    EXPECT_NE(won, other_won);
    EXPECT_EQ(owner.load(), won ? 2U : 1U);
  });
}

TYPED_TEST(atomic, a_release_that_was_acquired_publishes_what_came_before_it) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::template shared<int> payload{};
    typename R::template atomic<std::uint64_t> ready{0};
    auto writer = r.spawn("writer", [&] {
      R::write(payload) = 42;
      ready.store(1, std::memory_order_release);
    });
    if (ready.load(std::memory_order_acquire) == 1) {
      EXPECT_EQ(R::read(payload), 42);
    }
    writer.join();
    EXPECT_EQ(R::read(payload), 42);
  });
}

}  // namespace
}  // namespace wavetank::conformance::atomic_test

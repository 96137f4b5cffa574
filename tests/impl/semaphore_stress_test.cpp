// Both semaphores under real parallelism: what must hold at every moment is looked at from beside, and at the end
// nothing may be left. Every path races with every other: grants with time-outs, stops, deaths, transfers, limits.
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/merge_semaphore.h>
#include <wavetank/tests/impl/worlds.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace wavetank::semaphore_stress_test {
namespace {

using namespace std::chrono_literals;

constexpr int tasks = 6;
constexpr int rounds = 1500;

template <class World>
class semaphore_stress : public ::testing::Test {};
TYPED_TEST_SUITE(semaphore_stress, worlds, world_names);

/// The weight that is inside, kept by those who hold.
class occupancy {
 public:
  void enter(std::uint64_t weight, std::uint64_t limit) {
    if (inside_.fetch_add(weight) + weight > limit) crowded_ = true;
  }
  void leave(std::uint64_t weight) { inside_.fetch_sub(weight); }
  bool was_crowded() const { return crowded_; }

 private:
  std::atomic<std::uint64_t> inside_{0};
  std::atomic<bool> crowded_{false};
};

template <class R>
void never_more_than_the_limit(R& r, bool barging) {
  constexpr std::uint64_t limit = 3;
  wavetank::counting_semaphore<R> s{r, limit, {.barging = barging}};
  occupancy room;
  std::vector<typename R::task> workers;
  for (unsigned t = 0; t < tasks; ++t) {
    workers.push_back(r.spawn("worker", [&, t] {
      std::minstd_rand dice{t + 1};
      for (int i = 0; i < rounds; ++i) {
        const std::uint64_t weight = 1 + dice() % limit;
        auto held = dice() % 4 == 0   ? s.try_acquire(weight)
                    : dice() % 4 == 0 ? s.acquire(r.now() + std::chrono::microseconds{dice() % 50}, weight)
                                      : s.acquire(s.no_deadline, weight);
        if (!held) continue;
        room.enter(weight, limit);
        if (dice() % 8 == 0) R::relax(~0U);
        room.leave(weight);
      }
    }));
  }
  for (auto& w : workers) w.join();
  EXPECT_FALSE(room.was_crowded());
  EXPECT_EQ(s.current(), 0U);
  EXPECT_EQ(s.waiting(), 0U);
  EXPECT_TRUE(s.holders().empty());
}

TYPED_TEST(semaphore_stress, a_strict_semaphore_never_admits_more_than_its_limit) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) { never_more_than_the_limit(r, false); });
}

TYPED_TEST(semaphore_stress, a_barging_semaphore_never_admits_more_than_its_limit) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) { never_more_than_the_limit(r, true); });
}

TYPED_TEST(semaphore_stress, nothing_is_lost_when_grants_race_with_stops_and_deaths) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    wavetank::counting_semaphore<R> s{r, 2};
    for (int i = 0; i < 60; ++i) {
      typename R::stop_source source;
      std::vector<typename wavetank::counting_semaphore<R>::permit> outlive(3);
      std::vector<typename R::task> mortals;
      for (auto& kept : outlive) {
        mortals.push_back(r.spawn("mortal", [&] {
          if (auto held = s.acquire(s.no_deadline, 1, source.get_token())) kept = std::move(*held);
        }));
      }
      auto stopper = r.spawn("stopper", [&] { source.request_stop(); });
      auto bystander = r.spawn("bystander", [&] { EXPECT_TRUE(s.acquire(s.no_deadline, 2)); });
      bystander.join();
      stopper.join();
      for (auto& m : mortals) m.join();
      EXPECT_EQ(s.current(), 0U);
      EXPECT_EQ(s.waiting(), 0U);
    }
  });
}

TYPED_TEST(semaphore_stress, nothing_is_lost_when_releases_race_with_the_owners_death) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    wavetank::counting_semaphore<R> s{r, 1};
    for (int i = 0; i < 200; ++i) {
      typename wavetank::counting_semaphore<R>::permit held;
      gate<R> handed;
      auto owner = r.spawn("owner", [&] {
        held = std::move(*s.acquire());
        handed.open();
      });
      auto releaser = r.spawn("releaser", [&] {
        handed.pass();
        held.release();
      });
      auto next = r.spawn("next", [&] { EXPECT_TRUE(s.acquire()); });
      owner.join();
      releaser.join();
      next.join();
      EXPECT_EQ(s.current(), 0U);
    }
  });
}

TYPED_TEST(semaphore_stress, nothing_is_lost_when_transfers_race_with_the_new_owners_death) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    wavetank::counting_semaphore<R> s{r, 1};
    wavetank::merge_semaphore<R> m{r};
    for (int i = 0; i < 200; ++i) {
      auto permit = s.acquire();
      auto merge = m.acquire(1);
      auto heir = r.spawn("heir", [] {});
      EXPECT_NE(permit->transfer(heir.id()), transfer_result::nothing);
      EXPECT_NE(merge->transfer(heir.id()), transfer_result::nothing);
      heir.join();
      EXPECT_EQ(s.current(), 0U);
      EXPECT_FALSE(m.status());
      EXPECT_FALSE(permit->valid());
      EXPECT_FALSE(merge->valid());
    }
  });
}

TYPED_TEST(semaphore_stress, a_limit_that_moves_loses_no_waiter) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    wavetank::counting_semaphore<R> s{r, 1};
    std::atomic<int> served{0};
    std::vector<typename R::task> workers;
    for (int t = 0; t < tasks; ++t) {
      workers.push_back(r.spawn("worker", [&] {
        for (int i = 0; i < rounds / 3; ++i) {
          if (s.acquire()) ++served;
        }
      }));
    }
    auto mover = r.spawn("mover", [&] {
      for (std::uint64_t i = 0; i < 300; ++i) {
        EXPECT_TRUE(s.set_limit(1 + i % 4));
        R::relax(~0U);
      }
    });
    for (auto& w : workers) w.join();
    mover.join();
    EXPECT_EQ(served, tasks * (rounds / 3));
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(semaphore_stress, close_leaves_nobody_behind) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    for (int i = 0; i < 60; ++i) {
      wavetank::counting_semaphore<R> s{r, 1};
      std::atomic<int> served{0};
      std::vector<typename R::task> workers;
      for (int t = 0; t < 3; ++t) {
        workers.push_back(r.spawn("worker", [&] {
          while (s.acquire()) {
            ++served;
            R::relax(~0U);
          }
        }));
      }
      while (served == 0) R::relax(~0U);
      s.close();
      for (auto& w : workers) w.join();
      EXPECT_EQ(s.current(), 0U);
      EXPECT_EQ(s.waiting(), 0U);
    }
  });
}

TYPED_TEST(semaphore_stress, at_most_one_merge_at_a_time) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    wavetank::merge_semaphore<R> s{r};
    occupancy room;
    std::vector<typename R::task> workers;
    for (unsigned t = 0; t < 4; ++t) {
      workers.push_back(r.spawn("merger", [&, t] {
        std::minstd_rand dice{t + 1};
        for (int i = 0; i < 400; ++i) {
          auto held = dice() % 3 == 0 ? s.acquire_until(t, r.now() + std::chrono::microseconds{dice() % 50})
                                      : s.acquire_until(t, s.no_deadline);
          if (!held) continue;
          room.enter(1, 1);
          room.leave(1);
          if (dice() % 2 == 0) {
            EXPECT_EQ(s.release(t), release_result::ok);
          }
        }
      }));
    }
    for (auto& w : workers) w.join();
    EXPECT_FALSE(room.was_crowded());
    EXPECT_FALSE(s.status());
    EXPECT_EQ(s.waiting(), 0U);
  });
}

}  // namespace
}  // namespace wavetank::semaphore_stress_test

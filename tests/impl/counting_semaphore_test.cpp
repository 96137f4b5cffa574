// The counting semaphore's rules, on both production worlds.
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/tests/impl/worlds.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::counting_semaphore_test {
namespace {

using namespace std::chrono_literals;

template <class R>
using semaphore_of = wavetank::counting_semaphore<R>;

template <class World>
class counting_semaphore_rules : public ::testing::Test {};
TYPED_TEST_SUITE(counting_semaphore_rules, worlds, world_names);

TYPED_TEST(counting_semaphore_rules, current_is_the_sum_of_the_weights_of_live_permits) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 10};
    auto small = s.acquire();
    auto large = s.try_acquire(7);
    EXPECT_EQ(s.current(), 8U);
    small->release();
    EXPECT_EQ(s.current(), 7U);
    large->release();
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, an_attempt_that_does_not_fit_is_busy_and_counts_nothing) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    const auto held = s.try_acquire(2);
    EXPECT_EQ(s.try_acquire(2).error(), acquire_error::busy);
    EXPECT_EQ(s.current(), 2U);
    EXPECT_TRUE(s.try_acquire(1));
  });
}

TYPED_TEST(counting_semaphore_rules, misuse_is_refused_in_the_documented_order) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    EXPECT_EQ(s.try_acquire(0).error(), acquire_error::zero_weight);
    EXPECT_EQ(s.try_acquire(4).error(), acquire_error::too_large);
    EXPECT_EQ(s.acquire(s.no_deadline, 4).error(), acquire_error::too_large);
    EXPECT_EQ(s.set_limit(0).error(), limit_error::zero);
    EXPECT_EQ(s.set_limit(s.limit_max + 1).error(), limit_error::too_large);
    EXPECT_EQ(s.limit(), 3U);
    s.close();
    EXPECT_EQ(s.try_acquire(0).error(), acquire_error::zero_weight);
    EXPECT_EQ(s.try_acquire(4).error(), acquire_error::closed);
    EXPECT_EQ(s.acquire().error(), acquire_error::closed);
  });
}

TYPED_TEST(counting_semaphore_rules, a_limit_of_zero_is_a_typed_error) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    EXPECT_EQ(semaphore_of<R>::create(r, 0).error(), limit_error::zero);
    EXPECT_EQ(semaphore_of<R>::create(r, semaphore_of<R>::limit_max + 1).error(), limit_error::too_large);
    EXPECT_THROW((semaphore_of<R>{r, 0}), std::invalid_argument);
    const auto made = semaphore_of<R>::create(r, 1);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->limit(), 1U);
  });
}

TYPED_TEST(counting_semaphore_rules, huge_weights_neither_overflow_nor_wrap) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, semaphore_of<R>::limit_max};
    auto all = s.try_acquire(semaphore_of<R>::limit_max);
    ASSERT_TRUE(all);
    EXPECT_EQ(s.current(), semaphore_of<R>::limit_max);
    EXPECT_EQ(s.try_acquire(1).error(), acquire_error::busy);
    EXPECT_EQ(s.try_acquire(std::numeric_limits<std::uint64_t>::max()).error(), acquire_error::too_large);
    all->release();
    EXPECT_EQ(s.current(), 0U);
    EXPECT_EQ(s.limit(), semaphore_of<R>::limit_max);
  });
}

TYPED_TEST(counting_semaphore_rules, nested_acquires_are_separate_permits) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    auto outer = s.acquire();
    {
      const auto inner = s.acquire();
      EXPECT_EQ(s.current(), 2U);
    }
    EXPECT_EQ(s.current(), 1U);
    EXPECT_TRUE(outer->valid());
  });
}

TYPED_TEST(counting_semaphore_rules, releasing_twice_or_after_a_move_is_a_no_op) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 2};
    auto first = std::move(*s.acquire());
    auto second = std::move(first);
    EXPECT_FALSE(first.valid());  // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_FALSE(first.release());
    EXPECT_EQ(s.current(), 1U);
    EXPECT_TRUE(second.release());
    EXPECT_FALSE(second.release());
    EXPECT_EQ(s.current(), 0U);
    typename semaphore_of<R>::permit nothing;
    EXPECT_FALSE(nothing.release());
    EXPECT_EQ(nothing.transfer(r.current_task()), transfer_result::nothing);
  });
}

TYPED_TEST(counting_semaphore_rules, assigning_to_a_handle_releases_what_it_held) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 5};
    auto held = std::move(*s.acquire(s.no_deadline, 2));
    held = std::move(*s.acquire(s.no_deadline, 3));
    EXPECT_EQ(s.current(), 3U);
    auto& same = held;
    held = std::move(same);
    EXPECT_EQ(s.current(), 3U);
  });
}

TYPED_TEST(counting_semaphore_rules, an_exception_between_acquire_and_release_releases) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    const auto work = [&] {
      const auto held = s.acquire();
      throw std::runtime_error("work failed");
    };
    EXPECT_THROW(work(), std::runtime_error);
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_deadline_that_has_passed_means_one_attempt) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    const auto past = r.now() - 1h;
    auto held = s.acquire(past);
    EXPECT_TRUE(held);
    EXPECT_EQ(s.acquire(past).error(), acquire_error::timed_out);
    EXPECT_EQ(s.acquire_for(0ms).error(), acquire_error::timed_out);
    EXPECT_EQ(s.waiting(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_wait_times_out_not_before_its_deadline) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    const auto held = s.acquire();
    const auto deadline = r.now() + 3ms;
    EXPECT_EQ(s.acquire(deadline).error(), acquire_error::timed_out);
    EXPECT_GE(r.now(), deadline);
    EXPECT_EQ(s.waiting(), 0U);
    EXPECT_EQ(s.current(), 1U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_time_out_beyond_the_clock_waits) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto held = s.acquire();
    bool granted = false;
    auto waiter = r.spawn("waiter", [&] { granted = s.acquire_for(R::duration::max()).has_value(); });
    until_waiting<R>(s, 1);
    held->release();
    waiter.join();
    EXPECT_TRUE(granted);
  });
}

TYPED_TEST(counting_semaphore_rules, a_release_hands_over_to_the_head_before_it_returns) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto held = s.acquire();
    gate<R> done;
    auto waiter = r.spawn("waiter", [&] {
      const auto mine = s.acquire();
      done.pass();
    });
    until_waiting<R>(s, 1);
    held->release();
    EXPECT_EQ(s.current(), 1U);
    EXPECT_EQ(s.waiting(), 0U);
    EXPECT_EQ(s.try_acquire().error(), acquire_error::busy);
    done.open();
    waiter.join();
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, waiters_are_served_in_the_order_in_which_they_came) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto held = s.acquire();
    std::vector<int> order;
    std::vector<typename R::task> waiters;
    for (int i = 0; i < 4; ++i) {
      waiters.push_back(r.spawn("waiter", [&, i] {
        const auto mine = s.acquire();
        order.push_back(i);
      }));
      until_waiting<R>(s, static_cast<std::size_t>(i) + 1);
    }
    held->release();
    for (auto& w : waiters) w.join();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
  });
}

TYPED_TEST(counting_semaphore_rules, a_large_request_at_the_head_is_not_overtaken_by_small_ones) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    auto held = s.acquire();
    auto waiter = r.spawn("large", [&] { EXPECT_TRUE(s.acquire(s.no_deadline, 3)); });
    until_waiting<R>(s, 1);
    EXPECT_EQ(s.try_acquire(1).error(), acquire_error::busy);
    EXPECT_EQ(s.acquire(r.now() - 1ms, 1).error(), acquire_error::timed_out);
    held->release();
    waiter.join();
    EXPECT_TRUE(s.try_acquire(1));
  });
}

TYPED_TEST(counting_semaphore_rules, the_time_out_of_the_head_lets_those_behind_it_move_up) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    const auto held = s.acquire();
    const auto deadline = r.now() + 20ms;
    auto large = r.spawn("large", [&] { EXPECT_EQ(s.acquire(deadline, 3).error(), acquire_error::timed_out); });
    // It waits, unless this test was held up for longer than its deadline.
    while (s.waiting() != 1 && r.now() < deadline) R::relax(~0U);
    auto small = r.spawn("small", [&] { EXPECT_TRUE(s.acquire(s.no_deadline, 2)); });
    large.join();
    small.join();
    EXPECT_EQ(s.current(), 1U);
  });
}

TYPED_TEST(counting_semaphore_rules, raising_the_limit_grants_to_as_many_as_now_fit) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    const auto held = s.acquire();
    gate<R> done;
    std::vector<typename R::task> waiters;
    for (std::size_t i = 1; i <= 3; ++i) {
      waiters.push_back(r.spawn("waiter", [&] {
        const auto mine = s.acquire();
        done.pass();
      }));
      until_waiting<R>(s, i);
    }
    EXPECT_TRUE(s.set_limit(3));
    EXPECT_EQ(s.waiting(), 1U);
    EXPECT_EQ(s.current(), 3U);
    done.open();
    for (auto& w : waiters) w.join();
  });
}

TYPED_TEST(counting_semaphore_rules, lowering_the_limit_drains_and_revokes_nothing) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    auto a = s.acquire();
    auto b = s.acquire(s.no_deadline, 2);
    EXPECT_TRUE(s.set_limit(1));
    EXPECT_EQ(s.current(), 3U);
    EXPECT_EQ(s.limit(), 1U);
    EXPECT_TRUE(b->valid());
    EXPECT_EQ(s.try_acquire().error(), acquire_error::busy);
    b->release();
    EXPECT_EQ(s.try_acquire().error(), acquire_error::busy);
    a->release();
    EXPECT_TRUE(s.try_acquire());
  });
}

TYPED_TEST(counting_semaphore_rules, lowering_the_limit_refuses_waiters_that_can_no_longer_fit_wherever_they_stand) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 4};
    auto held = s.acquire(s.no_deadline, 4);
    auto small = r.spawn("small", [&] { EXPECT_TRUE(s.acquire(s.no_deadline, 1)); });
    until_waiting<R>(s, 1);
    auto large = r.spawn("large", [&] { EXPECT_EQ(s.acquire(s.no_deadline, 3).error(), acquire_error::too_large); });
    until_waiting<R>(s, 2);
    EXPECT_TRUE(s.set_limit(2));
    large.join();
    EXPECT_EQ(s.waiting(), 1U);
    held->release();
    small.join();
  });
}

TYPED_TEST(counting_semaphore_rules, close_answers_every_waiter_and_leaves_permits_valid) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto held = s.acquire();
    std::vector<typename R::task> waiters;
    for (std::size_t i = 1; i <= 3; ++i) {
      waiters.push_back(r.spawn("waiter", [&] { EXPECT_EQ(s.acquire().error(), acquire_error::closed); }));
      until_waiting<R>(s, i);
    }
    s.close();
    s.close();
    EXPECT_EQ(s.waiting(), 0U);
    for (auto& w : waiters) w.join();
    EXPECT_TRUE(held->valid());
    EXPECT_TRUE(held->release());
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_stop_request_ends_the_wait) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    const auto held = s.acquire();
    typename R::stop_source source;
    auto waiter = r.spawn("waiter", [&] {
      EXPECT_EQ(s.acquire(s.no_deadline, 1, source.get_token()).error(), acquire_error::cancelled);
    });
    until_waiting<R>(s, 1);
    source.request_stop();
    EXPECT_EQ(s.waiting(), 0U);
    waiter.join();
  });
}

TYPED_TEST(counting_semaphore_rules, a_stop_that_was_requested_cancels_a_wait_but_not_a_free_permit) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    typename R::stop_source source;
    source.request_stop();
    const auto held = s.acquire(s.no_deadline, 1, source.get_token());
    EXPECT_TRUE(held);
    EXPECT_EQ(s.acquire(s.no_deadline, 1, source.get_token()).error(), acquire_error::cancelled);
    EXPECT_EQ(s.waiting(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, the_cancelled_head_lets_those_behind_it_move_up) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 2};
    const auto held = s.acquire();
    typename R::stop_source source;
    auto large = r.spawn(
        "large", [&] { EXPECT_EQ(s.acquire(s.no_deadline, 2, source.get_token()).error(), acquire_error::cancelled); });
    until_waiting<R>(s, 1);
    auto small = r.spawn("small", [&] { EXPECT_TRUE(s.acquire()); });
    until_waiting<R>(s, 2);
    source.request_stop();
    large.join();
    small.join();
  });
}

TYPED_TEST(counting_semaphore_rules, the_death_of_an_owner_releases_all_that_it_holds) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 5};
    std::vector<typename semaphore_of<R>::permit> outlive;
    r.spawn("mortal", [&] {
       outlive.push_back(std::move(*s.acquire(s.no_deadline, 2)));
       outlive.push_back(std::move(*s.acquire(s.no_deadline, 3)));
       EXPECT_EQ(s.current(), 5U);
     }).join();
    EXPECT_EQ(s.current(), 0U);
    for (auto& p : outlive) {
      EXPECT_FALSE(p.valid());
      EXPECT_FALSE(p.release());
    }
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, an_owner_that_dies_by_an_exception_releases_as_well) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    typename semaphore_of<R>::permit outlives;
    auto t = r.spawn("mortal", [&] {
      outlives = std::move(*s.acquire());
      throw 1;
    });
    EXPECT_THROW(t.join(), int);
    EXPECT_EQ(s.current(), 0U);
    EXPECT_FALSE(outlives.valid());
  });
}

TYPED_TEST(counting_semaphore_rules, the_death_of_an_owner_grants_to_the_head) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    gate<R> go;
    typename semaphore_of<R>::permit outlives;
    auto mortal = r.spawn("mortal", [&] {
      outlives = std::move(*s.acquire());
      go.pass();
    });
    while (s.current() == 0) R::relax(~0U);
    auto waiter = r.spawn("waiter", [&] { EXPECT_TRUE(s.acquire()); });
    until_waiting<R>(s, 1);
    go.open();
    mortal.join();
    waiter.join();
    EXPECT_EQ(s.current(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_handle_of_the_dead_does_not_free_a_later_permit) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    typename semaphore_of<R>::permit stale;
    r.spawn("mortal", [&] { stale = std::move(*s.acquire()); }).join();
    const auto later = s.acquire();
    EXPECT_FALSE(stale.release());
    EXPECT_EQ(s.current(), 1U);
    EXPECT_TRUE(later->valid());
  });
}

TYPED_TEST(counting_semaphore_rules, moving_a_handle_to_another_task_does_not_change_the_owner) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto held = std::move(*s.acquire());
    r.spawn("courier", [&] { const auto carried = std::move(held); }).join();
    EXPECT_EQ(s.current(), 0U);
    held = std::move(*s.acquire());
    typename semaphore_of<R>::permit kept;
    r.spawn("keeper", [&] { kept = std::move(held); }).join();
    EXPECT_EQ(s.current(), 1U);
    EXPECT_TRUE(kept.valid());
  });
}

TYPED_TEST(counting_semaphore_rules, records_that_others_released_are_used_again) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 2};
    for (int i = 0; i < 50; ++i) {
      auto held = std::move(*s.acquire());
      r.spawn("other", [&] { EXPECT_TRUE(held.release()); }).join();
      EXPECT_EQ(s.current(), 0U);
    }
    EXPECT_TRUE(s.holders().empty());
  });
}

TYPED_TEST(counting_semaphore_rules, after_a_transfer_only_the_new_owners_death_releases) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 3};
    gate<R> go;
    auto heir = r.spawn("heir", [&] { go.pass(); });
    typename semaphore_of<R>::permit held;
    r.spawn("giver", [&] {
       held = std::move(*s.acquire(s.no_deadline, 2));
       EXPECT_EQ(held.transfer(heir.id()), transfer_result::transferred);
     }).join();
    EXPECT_EQ(s.current(), 2U);
    EXPECT_TRUE(held.valid());
    ASSERT_EQ(s.holders().size(), 1U);
    EXPECT_EQ(s.holders()[0].owner, heir.id());
    go.open();
    heir.join();
    EXPECT_EQ(s.current(), 0U);
    EXPECT_FALSE(held.valid());
    EXPECT_FALSE(held.release());
  });
}

TYPED_TEST(counting_semaphore_rules, a_transferred_permit_is_released_by_its_handle_once) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    gate<R> go;
    auto heir = r.spawn("heir", [&] { go.pass(); });
    auto held = s.acquire();
    EXPECT_EQ(held->transfer(heir.id()), transfer_result::transferred);
    EXPECT_EQ(held->transfer(r.current_task()), transfer_result::transferred);
    EXPECT_EQ(held->transfer(heir.id()), transfer_result::transferred);
    EXPECT_TRUE(held->release());
    EXPECT_EQ(s.current(), 0U);
    const auto later = s.acquire();
    go.open();
    heir.join();
    EXPECT_EQ(s.current(), 1U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_transfer_to_a_dead_task_releases) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1};
    auto dead = r.spawn("dead", [] {});
    const task_id id = dead.id();
    dead.join();
    auto held = s.acquire();
    EXPECT_EQ(held->transfer(id), transfer_result::released);
    EXPECT_EQ(s.current(), 0U);
    EXPECT_FALSE(held->valid());
    EXPECT_EQ(held->transfer(id), transfer_result::nothing);
  });
}

TYPED_TEST(counting_semaphore_rules, destruction_under_live_permits_leaves_their_handles_invalid) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::optional<semaphore_of<R>> s{std::in_place, r, 3};
    gate<R> go;
    auto heir = r.spawn("heir", [&] { go.pass(); });
    auto own = std::move(*s->acquire());
    auto transferred = std::move(*s->acquire());
    EXPECT_EQ(transferred.transfer(heir.id()), transfer_result::transferred);
    typename semaphore_of<R>::permit of_the_dead;
    r.spawn("mortal", [&] { of_the_dead = std::move(*s->acquire()); }).join();
    s.reset();
    EXPECT_FALSE(own.valid());
    EXPECT_FALSE(transferred.valid());
    EXPECT_FALSE(of_the_dead.valid());
    EXPECT_FALSE(own.release());
    EXPECT_EQ(transferred.transfer(r.current_task()), transfer_result::nothing);
    go.open();
    heir.join();
  });
}

TYPED_TEST(counting_semaphore_rules, destruction_answers_closed_to_those_who_wait) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::optional<semaphore_of<R>> s{std::in_place, r, 1};
    const auto held = s->acquire();
    auto waiter = r.spawn("waiter", [&] { EXPECT_EQ(s->acquire().error(), acquire_error::closed); });
    until_waiting<R>(*s, 1);
    s->close();
    waiter.join();
    s.reset();
    EXPECT_FALSE(held->valid());
  });
}

TYPED_TEST(counting_semaphore_rules, a_task_that_outlives_many_semaphores_uses_each_anew) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::vector<typename semaphore_of<R>::permit> stale;
    for (int i = 0; i < 100; ++i) {
      semaphore_of<R> s{r, 1};
      auto held = std::move(*s.acquire());
      EXPECT_EQ(s.current(), 1U);
      if (i % 10 == 0) stale.push_back(std::move(held));
    }
    for (const auto& p : stale) EXPECT_FALSE(p.valid());
  });
}

TYPED_TEST(counting_semaphore_rules, holders_tell_owner_name_weight_and_age) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 9, {.name = "downloads", .ages = true}};
    gate<R> go;
    auto worker = r.spawn("worker", [&] {
      const auto held = s.acquire(s.no_deadline, 4);
      go.pass();
    });
    while (s.current() == 0) R::relax(~0U);
    const auto mine = s.acquire(s.no_deadline, 2);
    auto all = s.holders();
    while (all.size() != 2) all = s.holders();
    const auto of_worker = all[0].owner == worker.id() ? all[0] : all[1];
    EXPECT_EQ(of_worker.owner, worker.id());
    EXPECT_EQ(of_worker.name, "worker");
    EXPECT_EQ(of_worker.weight, 4U);
    ASSERT_TRUE(of_worker.age.has_value());
    EXPECT_GE(of_worker.age->count(), 0);
    go.open();
    worker.join();
    EXPECT_EQ(s.holders().size(), 1U);
  });
}

TYPED_TEST(counting_semaphore_rules, a_barging_semaphore_lets_newcomers_overtake_but_forgets_nobody) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 2, {.barging = true}};
    auto held = s.acquire();
    auto large = r.spawn("large", [&] { EXPECT_TRUE(s.acquire(s.no_deadline, 2)); });
    until_waiting<R>(s, 1);
    auto overtaking = s.try_acquire(1);
    EXPECT_TRUE(overtaking);
    overtaking->release();
    held->release();
    large.join();
    EXPECT_EQ(s.current(), 0U);
    EXPECT_EQ(s.waiting(), 0U);
  });
}

TYPED_TEST(counting_semaphore_rules, the_waiters_of_a_barging_semaphore_time_out_cancel_and_close) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r, 1, {.barging = true}};
    const auto held = s.acquire();
    EXPECT_EQ(s.acquire_for(2ms).error(), acquire_error::timed_out);
    typename R::stop_source source;
    auto cancelled = r.spawn("cancelled", [&] {
      EXPECT_EQ(s.acquire(s.no_deadline, 1, source.get_token()).error(), acquire_error::cancelled);
    });
    until_waiting<R>(s, 1);
    source.request_stop();
    cancelled.join();
    auto closed = r.spawn("closed", [&] { EXPECT_EQ(s.acquire().error(), acquire_error::closed); });
    until_waiting<R>(s, 1);
    s.close();
    closed.join();
  });
}

TEST(acquire_errors, read_as_sentences) {
  for (const auto e : {acquire_error::busy, acquire_error::timed_out, acquire_error::closed, acquire_error::cancelled,
                       acquire_error::too_large, acquire_error::zero_weight}) {
    EXPECT_NE(to_string(e).find(':'), std::string_view::npos);
  }
}

}  // namespace
}  // namespace wavetank::counting_semaphore_test

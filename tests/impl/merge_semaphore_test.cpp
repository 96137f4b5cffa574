// The merge semaphore's table, on both production worlds.
#include <wavetank/impl/merge_semaphore.h>
#include <wavetank/tests/impl/worlds.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::merge_semaphore_test {
namespace {

using namespace std::chrono_literals;

template <class R>
using semaphore_of = wavetank::merge_semaphore<R>;

/// Keeps what is logged.
class recording_log final : public log_sink {
 public:
  void write(log_level level, std::string_view message) noexcept override {
    const std::lock_guard lock{mutex_};
    lines_.push_back(std::string{to_string(level)} + ": " + std::string{message});
  }
  std::vector<std::string> lines() {
    const std::lock_guard lock{mutex_};
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

template <class World>
class merge_semaphore_rules : public ::testing::Test {};
TYPED_TEST_SUITE(merge_semaphore_rules, worlds, world_names);

TYPED_TEST(merge_semaphore_rules, an_attempt_while_held_names_the_holder_even_to_the_holder) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    const auto held = s.acquire(3);
    ASSERT_TRUE(held);
    EXPECT_EQ(s.acquire(3).error(), (merge_refusal{acquire_error::busy, 3}));
    r.spawn("other", [&] { EXPECT_EQ(s.acquire(4).error(), (merge_refusal{acquire_error::busy, 3})); }).join();
  });
}

TYPED_TEST(merge_semaphore_rules, status_tells_the_shard_the_owner_and_an_age) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    EXPECT_FALSE(s.status());
    auto held = s.acquire(7);
    const auto seen = s.status();
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->shard, 7U);
    EXPECT_EQ(seen->owner, r.current_task());
    EXPECT_GE(seen->age.count(), 0);
    EXPECT_EQ(held->release(), release_result::ok);
    EXPECT_FALSE(s.status());
  });
}

TYPED_TEST(merge_semaphore_rules, a_stale_release_frees_nobody) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto old = std::move(*s.acquire(1));
    EXPECT_EQ(s.release(1), release_result::ok);
    const auto later = s.acquire(1);
    EXPECT_GT(later->generation(), old.generation());
    EXPECT_FALSE(old.valid());
    EXPECT_EQ(old.release(), release_result::not_holder);
    EXPECT_TRUE(later->valid());
    EXPECT_TRUE(s.status());
  });
}

TYPED_TEST(merge_semaphore_rules, only_the_owner_releases_by_name_and_only_its_own_shard) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    EXPECT_EQ(s.release(1), release_result::not_holder);
    const auto held = s.acquire(1);
    EXPECT_EQ(s.release(2), release_result::not_holder);
    r.spawn("stranger", [&] { EXPECT_EQ(s.release(1), release_result::not_holder); }).join();
    EXPECT_TRUE(held->valid());
    EXPECT_EQ(s.release(1), release_result::ok);
    EXPECT_FALSE(held->valid());
    EXPECT_EQ(s.release(1), release_result::not_holder);
  });
}

TYPED_TEST(merge_semaphore_rules, releasing_twice_or_after_a_move_is_not_holder) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto first = std::move(*s.acquire(1));
    auto second = std::move(first);
    EXPECT_EQ(first.release(), release_result::not_holder);  // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_TRUE(s.status());
    EXPECT_EQ(second.release(), release_result::ok);
    EXPECT_EQ(second.release(), release_result::not_holder);
  });
}

TYPED_TEST(merge_semaphore_rules, waiters_are_served_in_the_order_in_which_they_came) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto held = s.acquire(9);
    std::vector<shard_index> order;
    std::vector<typename R::task> waiters;
    for (shard_index i = 0; i < 4; ++i) {
      waiters.push_back(r.spawn("waiter", [&, i] {
        const auto mine = s.acquire_until(i, s.no_deadline);
        order.push_back(s.status()->shard);
      }));
      until_waiting<R>(s, i + 1);
    }
    held->release();
    for (auto& w : waiters) w.join();
    EXPECT_EQ(order, (std::vector<shard_index>{0, 1, 2, 3}));
    EXPECT_FALSE(s.status());
  });
}

TYPED_TEST(merge_semaphore_rules, a_release_hands_over_before_it_returns) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto held = s.acquire(1);
    gate<R> done;
    auto waiter = r.spawn("waiter", [&] {
      const auto mine = s.acquire_until(2, s.no_deadline);
      done.pass();
    });
    until_waiting<R>(s, 1);
    held->release();
    EXPECT_EQ(s.status()->shard, 2U);
    EXPECT_EQ(s.acquire(3).error(), (merge_refusal{acquire_error::busy, 2}));
    done.open();
    waiter.join();
  });
}

TYPED_TEST(merge_semaphore_rules, a_wait_times_out_not_before_its_deadline) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    const auto held = s.acquire(1);
    const auto deadline = r.now() + 3ms;
    EXPECT_EQ(s.acquire_until(2, deadline).error().reason, acquire_error::timed_out);
    EXPECT_GE(r.now(), deadline);
    EXPECT_EQ(s.acquire_until(2, r.now() - 1h).error().reason, acquire_error::timed_out);
    EXPECT_EQ(s.waiting(), 0U);
  });
}

TYPED_TEST(merge_semaphore_rules, a_stop_request_ends_the_wait) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    const auto held = s.acquire(1);
    typename R::stop_source source;
    auto waiter = r.spawn("waiter", [&] {
      EXPECT_EQ(s.acquire_until(2, s.no_deadline, source.get_token()).error().reason, acquire_error::cancelled);
    });
    until_waiting<R>(s, 1);
    source.request_stop();
    waiter.join();
    EXPECT_EQ(s.waiting(), 0U);
  });
}

TYPED_TEST(merge_semaphore_rules, close_answers_every_waiter_and_leaves_the_permit_valid) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto held = s.acquire(1);
    std::vector<typename R::task> waiters;
    for (std::size_t i = 1; i <= 2; ++i) {
      waiters.push_back(r.spawn(
          "waiter", [&] { EXPECT_EQ(s.acquire_until(2, s.no_deadline).error().reason, acquire_error::closed); }));
      until_waiting<R>(s, i);
    }
    s.close();
    for (auto& w : waiters) w.join();
    EXPECT_EQ(s.acquire(3).error().reason, acquire_error::closed);
    EXPECT_TRUE(held->valid());
    EXPECT_EQ(held->release(), release_result::ok);
  });
}

template <class R>
void death_of_the_owner_frees_and_is_logged() {
  recording_log log;
  R r{log};
  semaphore_of<R> s{r, "merges of node 5"};
  gate<R> go;
  typename semaphore_of<R>::permit outlives;
  auto mortal = r.spawn("compactor", [&] {
    outlives = std::move(*s.acquire(12));
    go.pass();
  });
  while (!s.status()) R::relax(~0U);
  auto waiter = r.spawn("waiter", [&] { EXPECT_TRUE(s.acquire_until(13, s.no_deadline)); });
  until_waiting<R>(s, 1);
  EXPECT_TRUE(log.lines().empty());
  go.open();
  mortal.join();
  waiter.join();
  EXPECT_FALSE(outlives.valid());
  EXPECT_EQ(outlives.release(), release_result::not_holder);
  ASSERT_EQ(log.lines().size(), 1U);
  const std::string line = log.lines()[0];
  EXPECT_EQ(line.rfind("warning: merges of node 5: ", 0), 0U) << line;
  EXPECT_NE(line.find("shard 12"), std::string::npos) << line;
}

TYPED_TEST(merge_semaphore_rules, the_death_of_the_owner_frees_and_is_logged_as_a_warning) {
  death_of_the_owner_frees_and_is_logged<typename TypeParam::runtime>();
}

TYPED_TEST(merge_semaphore_rules, a_transferred_permit_ends_with_the_task_that_does_the_work) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    gate<R> go;
    auto worker = r.spawn("worker", [&] { go.pass(); });
    typename semaphore_of<R>::permit held;
    r.spawn("requester", [&] {
       held = std::move(*s.acquire(1));
       EXPECT_EQ(held.transfer(worker.id()), transfer_result::transferred);
       EXPECT_EQ(s.release(1), release_result::not_holder);
     }).join();
    EXPECT_TRUE(held.valid());
    EXPECT_EQ(s.status()->owner, worker.id());
    go.open();
    worker.join();
    EXPECT_FALSE(held.valid());
    EXPECT_FALSE(s.status());
  });
}

TYPED_TEST(merge_semaphore_rules, the_late_death_of_an_earlier_owner_touches_nothing) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    gate<R> go;
    gate<R> had;
    auto first = r.spawn("first", [&] {
      EXPECT_TRUE(s.acquire(1));
      had.open();
      go.pass();
    });
    had.pass();
    auto held = s.acquire_until(2, s.no_deadline);
    EXPECT_EQ(held->transfer(first.id()), transfer_result::transferred);
    EXPECT_EQ(held->transfer(r.current_task()), transfer_result::transferred);
    go.open();
    first.join();
    EXPECT_TRUE(held->valid());
    EXPECT_EQ(s.status()->owner, r.current_task());
  });
}

TYPED_TEST(merge_semaphore_rules, a_transfer_to_a_dead_task_releases) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    semaphore_of<R> s{r};
    auto dead = r.spawn("dead", [] {});
    const task_id id = dead.id();
    dead.join();
    auto held = s.acquire(1);
    EXPECT_EQ(held->transfer(id), transfer_result::released);
    EXPECT_FALSE(held->valid());
    EXPECT_FALSE(s.status());
    EXPECT_EQ(held->transfer(id), transfer_result::nothing);
  });
}

TYPED_TEST(merge_semaphore_rules, destruction_under_a_live_permit_leaves_its_handle_invalid) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::optional<semaphore_of<R>> s{std::in_place, r};
    auto held = std::move(*s->acquire(1));
    s.reset();
    EXPECT_FALSE(held.valid());
    EXPECT_EQ(held.transfer(r.current_task()), transfer_result::nothing);
    EXPECT_EQ(held.release(), release_result::not_holder);
  });
}

}  // namespace
}  // namespace wavetank::merge_semaphore_test

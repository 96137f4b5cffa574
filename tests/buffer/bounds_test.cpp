// Bounds and what happens at them.
#include "partition_lab.h"

#include <wavetank/impl/buffer/partitioned_buffer.h>

namespace wavetank::buffer_tests::bounds_test {
namespace {

partition_options bounded(overflow_policy policy, std::uint64_t records = 2) {
  return {.max_records = records, .on_overflow = policy, .shards = 1};
}

TEST(bounds, what_does_not_fit_is_rejected_and_counted) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, bounded(overflow_policy::reject));
    push_all(*p, 1, 2);
    w.require(p->put(3).error() == put_error{put_problem::full, 2, 0}, "accepted above the bound");
    w.require(p->put(std::vector<int>{4, 5, 6}).error() == put_error{put_problem::too_large, 2, 3}, "no word of size");
    w.require(p->counts().rejected == 4 && p->counts().accepted == 2, "miscounted");
    w.require(p->flush(), "no flush");
    push_all(*p, 3, 3);
    require_balanced(*p);
  });
}

TEST(bounds, what_is_in_flight_counts) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 1s); };
    const auto p = make(w, seen, bounded(overflow_policy::reject));
    push_all(*p, 1, 2);
    w.runtime().sleep_until(now() + 5500ms);
    w.require(p->buffer_size() == 0 && p->put(3).error().what == put_problem::full, "in flight is not counted");
    w.runtime().sleep_until(now() + 1s);
    push_all(*p, 3, 3);
  });
}

TEST(bounds, what_a_late_writer_has_put_counts) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, bounded(overflow_policy::reject));
    push_all(*p, 1, 1);
    {
      auto late = p->current_table(0);
      w.runtime().sleep_until(now() + 5500ms);
      late.table().insert(late, numbers::prepare({}, 2));
    }
    w.require(p->buffer_size() == 0 && p->put(3).error().what == put_problem::full, "a late record is not counted");
  });
}

TEST(bounds, no_more_than_one_record_a_shard_above_the_bound_is_accepted_without_a_swap) {
  expect_holds([](sim::world& w) {
    recorder seen;
    auto o = bounded(overflow_policy::reject, 2);
    o.shards = 2;
    const auto p = make(w, seen, o);
    team tasks{w};
    int accepted = 0;
    for (int t = 0; t < 3; ++t) {
      tasks.spawn("writer", [&] {
        for (int i = 0; i < 2; ++i) accepted += p->put(i) ? 1 : 0;
      });
    }
    tasks.join();
    w.require(accepted >= 2 && accepted <= 2 + 1, "accepted " + std::to_string(accepted) + " with a bound of 2");
  });
}

TEST(bounds, the_newest_is_taken_and_dropped) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, bounded(overflow_policy::drop_newest));
    push_all(*p, 1, 3);
    w.require(p->counts().dropped_newest == 1 && p->buffer_size() == 2, "not dropped");
    require_balanced(*p);
    w.require(p->flush() && seen.all() == std::vector<int>({1, 2}), "not the newest");
  });
}

TEST(bounds, the_oldest_makes_room) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, bounded(overflow_policy::drop_oldest));
    push_all(*p, 1, 9);
    w.require(p->counts().dropped_oldest == 7 && p->buffer_size() == 2, "not dropped");
    require_balanced(*p);
    w.require(p->flush() && seen.all() == std::vector<int>({8, 9}), "not the oldest");
  });
}

/// Whoever drops stalls over a swap, where the bytes of what it drops are told.
TEST(bounds, no_more_is_dropped_than_makes_room_also_over_a_swap) {
  expect_holds([](sim::world& w) {
    std::vector<int> seen;
    number_partition::processor to;
    to.batch = [&](std::span<const int> batch, const auto&) { seen.insert(seen.end(), batch.begin(), batch.end()); };
    bool stalls = false;
    const numbers::options sizes{.bytes_of = [&](int n) -> std::uint64_t {
      if (n == 1 && std::exchange(stalls, false)) w.runtime().sleep_until(now() + 6s);
      return 1;
    }};
    const auto p = std::move(*number_partition::make(w.runtime(), to, bounded(overflow_policy::drop_oldest), sizes));
    push_all(*p, 1, 2);
    stalls = true;
    push_all(*p, 3, 3);
    w.require(!stalls && p->flush() && seen == std::vector<int>({2, 3}), "something else was dropped");
    w.require(p->counts().dropped_oldest == 1 && p->counts().dropped_newest == 0, "dropped for nothing");
    require_balanced(*p);
  });
}

TEST(bounds, a_blocked_writer_goes_on_when_there_is_room) {
  expect_holds(
      [](sim::world& w) {
        recorder seen;
        seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 1s); };
        auto o = bounded(overflow_policy::block);
        o.processing_batch_size = 1;
        const auto p = make(w, seen, o);
        team tasks{w};
        for (int t = 0; t < 2; ++t) tasks.spawn("writer", [&] { push_all(*p, 1, 3); });
        tasks.join();
        w.require(p->flush() && seen.all().size() == 6, "lost");
        require_balanced(*p);
      },
      {.spurious_wakeups = 2, .early_timers = 2});
}

TEST(bounds, a_blocked_writer_gives_up_at_its_deadline_and_at_stop) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 10s); };
    const auto p = make(w, seen, bounded(overflow_policy::block));
    push_all(*p, 1, 2);
    const auto begin = now();
    w.require(p->put(3, begin + 2s).error() == put_error{put_problem::deadline, 2, 0}, "no deadline");
    team tasks{w};
    tasks.spawn("writer", [&] { w.require(p->put(4).error().what == put_problem::closed, "accepted while stopping"); });
    w.runtime().sleep_until(now() + 1s);
    p->stop();
    tasks.join();
    require_balanced(*p);
  });
}

TEST(bounds, a_full_map_takes_what_coalesces) {
  expect_holds([](sim::world& w) {
    using map = partitioned_buffer<sim::runtime, hash_map_table<int, int>>;
    map::processor to;
    to.batch = [](auto, const auto&) {};
    buffer_options o{.partitions = 1, .each = bounded(overflow_policy::coalesce)};
    const auto m = std::move(*map::make(w.runtime(), to, o));
    m->put(1, 1);
    m->put(2, 1);
    w.require(m->put(3, 1).error().what == put_problem::full, "a new key fits");
    w.require(m->put(1, 2) == put_result::replaced, "a known key does not fit");
    m->erase(1);
    w.require(m->put(3, 1) == put_result::inserted, "erasing makes no room");
    w.require(m->counts().balanced(), "miscounted");
  });
}

TEST(bounds, bytes_count_as_the_user_says) {
  expect_holds([](sim::world& w) {
    number_partition::processor to;
    to.batch = [](auto, const auto&) {};
    partition_options o{.max_bytes = 10, .shards = 1};
    const numbers::options bytes{.sort_key = {}, .bytes_of = [](int n) { return static_cast<std::uint64_t>(n); }};
    const auto p = std::move(*number_partition::make(w.runtime(), to, o, bytes));
    w.require(p->put(7).has_value() && p->put(3).has_value(), "refused below the bound");
    w.require(p->put(1).error().what == put_problem::full, "above the bound");
    w.require(p->flush() && p->put(10).has_value(), "bytes are not given back");
  });
}

TEST(bounds, partitions_share_the_bound_of_their_buffer) {
  expect_holds([](sim::world& w) {
    using buffer = partitioned_buffer<sim::runtime, numbers>;
    buffer::processor to;
    to.batch = [](auto, const auto&) {};
    buffer_options o{.partitions = 2, .each = {.on_overflow = overflow_policy::block, .shards = 1}, .max_records = 2};
    const auto b = std::move(*buffer::make(w.runtime(), to, o));
    team tasks{w};
    for (std::size_t t = 0; t < 2; ++t) {
      tasks.spawn("writer", [&, t] {
        for (int i = 0; i < 3; ++i) w.require(b->put_to(t, i).has_value(), "refused");
      });
    }
    tasks.join();
    w.require(b->flush() && b->counts().delivered == 6, "lost");
    w.require(b->put_to(2, 1).error() == put_error{put_problem::bad_partition, 2, 2}, "there is no such partition");
  });
}

TEST(bounds, hold_for_writers_of_ones_own) {
  expect_holds(
      [](sim::world& w) {
        recorder seen;
        const auto p = make(w, seen, bounded(overflow_policy::block));
        team tasks{w};
        for (int t = 0; t < 2; ++t) {
          tasks.spawn("writer", [&] {
            auto own = p->writer();
            for (int i = 0; i < 3; ++i) w.require(own.put(i).has_value(), "refused");
            w.require(p->buffer_size() <= 2, "above the bound");
          });
        }
        tasks.join();
        w.require(p->flush() && seen.all().size() == 6, "lost");
        require_balanced(*p);
      },
      {.spurious_wakeups = 2});
}

TEST(bounds, a_writer_of_ones_own_drops_the_oldest) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, bounded(overflow_policy::drop_oldest));
    auto own = p->writer();
    for (int i = 1; i <= 5; ++i) w.require(own.put(i).has_value(), "refused");
    w.require(p->counts().dropped_oldest == 3 && p->buffer_size() == 2, "not dropped");
    require_balanced(*p);
    w.require(p->flush() && seen.all() == std::vector<int>({4, 5}), "not the oldest");
  });
}

/// Writers stall over a swap where their record's bytes are told.
TEST(bounds, what_a_late_writer_has_put_to_one_partition_counts_in_the_others) {
  expect_holds([](sim::world& w) {
    using buffer = partitioned_buffer<sim::runtime, numbers>;
    buffer::processor to;
    to.batch = [&](auto, const auto&) { w.runtime().sleep_until(now() + 30s); };
    bool stalls = true;
    const buffer::wiring with{.table = {.bytes_of = [&](int n) -> std::uint64_t {
                                if (n == 2 && std::exchange(stalls, false)) w.runtime().sleep_until(now() + 5500ms);
                                return 1;
                              }}};
    buffer_options o{.partitions = 2, .each = {.shards = 2}, .max_records = 2};
    const auto b = std::move(*buffer::make(w.runtime(), to, o, with));
    w.require(b->put_to(0, 1).has_value(), "refused");
    team tasks{w};
    tasks.spawn("late", [&] { w.require(b->put_to(0, 2).has_value(), "refused"); });
    tasks.join();
    w.require(b->buffer_size() == 0, "not late");
    const auto said = b->put_to(1, 3);
    w.require(!said && said.error().what == put_problem::full, "a late record is not counted");
    w.require(b->stop(now()).rest.size() == 1, "the late record is not given back");
  });
}

}  // namespace
}  // namespace wavetank::buffer_tests::bounds_test

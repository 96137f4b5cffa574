// The last value of each key: across swaps, under concurrent puts, erased, and with versions.
#include "partition_lab.h"

#include <wavetank/impl/buffer/partitioned_buffer.h>

#include <wavetank/sim/random.h>

#include <map>
#include <string>

namespace wavetank::buffer_tests::map_test {
namespace {

using map_table = hash_map_table<int, int>;
using map_buffer = partitioned_buffer<sim::runtime, map_table>;

struct map_recorder {
  std::vector<map_table::entry> delivered;
  std::function<void()> behaves = [] {};
  map_buffer::processor processor() {
    map_buffer::processor to;
    to.batch = [this](auto batch, const auto&) {
      behaves();
      delivered.insert(delivered.end(), batch.begin(), batch.end());
    };
    return to;
  }
};

std::unique_ptr<map_buffer> make(sim::world& w, map_recorder& to, buffer_options options = {}, std::size_t floors = 0) {
  options.partitions = 1;
  options.each.shards = 2;
  auto made = map_buffer::make(w.runtime(), to.processor(), options, {.table = {.version_floors = floors}});
  sim::require(made.has_value(), made ? "" : to_string(made.error()));
  return std::move(*made);
}

void require_balanced(map_buffer& of) {
  const auto c = of.counts();
  sim::require(c.balanced(), "accepted " + std::to_string(c.accepted) + ", accounted " + std::to_string(c.accounted()));
}

TEST(map, the_last_put_wins_and_is_delivered_alone) {
  expect_holds([](sim::world& w) {
    map_recorder seen;
    const auto m = make(w, seen);
    w.require(m->put(1, 10) == put_result::inserted, "not inserted");
    w.require(m->put(1, 11) == put_result::replaced, "not replaced");
    w.require(m->put_newer(1, 12, 5) == put_result::replaced, "version 5 is not newer than a plain put");
    w.require(m->put_newer(1, 13, 5) == put_result::stale, "the same version is newer");
    w.require(m->get(1) == 12 && !m->get(2) && m->buffer_size() == 1, "not there");
    w.require(m->flush(), "no flush");
    w.require(seen.delivered == std::vector<map_table::entry>{{1, 12, 5, 1}}, "not the last one, or not as it was put");
    w.require(m->counts().accepted == 3 && m->counts().superseded == 2, "miscounted");
    require_balanced(*m);
  });
}

TEST(map, what_is_in_flight_is_still_seen_and_its_version_counts) {
  expect_holds([](sim::world& w) {
    map_recorder seen;
    seen.behaves = [&] { w.runtime().sleep_until(now() + 1s); };
    const auto m = make(w, seen);
    m->put_newer(1, 10, 7);
    m->put(2, 20);
    m->put(3, 30);
    w.runtime().sleep_until(now() + 5500ms);
    w.require(m->in_flight_size() == 3, "not in flight");
    w.require(m->get(1) == 10 && m->get(2) == 20, "the table in flight is not read");
    w.require(m->put_newer(1, 11, 6) == put_result::stale, "older than what is in flight");
    w.require(m->put_newer(1, 12, 8) == put_result::inserted && m->get(1) == 12, "the newer one is not seen");
    w.require(m->erase(2) && !m->get(2) && !m->erase(2), "erased and seen");
    w.require(m->put_newer(2, 21, 0) == put_result::stale, "erasing forgot the version in flight");
    w.require(m->put(2, 22) == put_result::inserted && m->get(2) == 22, "not put again");
    w.require(m->erase(2) && !m->get(2), "erased and seen again");
    w.require(m->flush(), "no flush");
    w.require(seen.delivered.size() == 4 && seen.delivered.back() == map_table::entry{1, 12, 8, 0}, "not delivered");
    w.require(m->counts().erased == 1, "miscounted");
    w.require(m->put_newer(1, 9, 1) == put_result::inserted, "a version outlives its delivery without floors");
    require_balanced(*m);
  });
}

TEST(map, floors_remember_versions_after_their_delivery) {
  expect_holds([](sim::world& w) {
    map_recorder seen;
    const auto m = make(w, seen, {}, 2);
    m->put_newer(1, 10, 7);
    w.require(m->flush(), "no flush");
    w.require(m->put_newer(1, 11, 7) == put_result::stale, "forgotten");
    w.require(m->put_newer(1, 12, 8) == put_result::inserted, "too high");
    for (int k = 2; k <= 4; ++k) m->put_newer(k, k, 9);
    w.require(m->flush(), "no flush");
    w.require(m->put_newer(1, 13, 1) == put_result::inserted, "more keys remembered than asked for");
  });
}

TEST(map, newer_versions_win_whatever_the_swaps) {
  expect_holds([](sim::world& w) {
    map_recorder seen;
    seen.behaves = [&] { w.runtime().sleep_until(now() + 1us); };
    buffer_options o;
    o.each.processing_interval = 1ms;
    o.each.drain_threshold = 1;
    const auto m = make(w, seen, o);
    team tasks{w};
    for (int t = 0; t < 2; ++t) {
      tasks.spawn("writer", [&, t] {
        for (std::uint64_t v = 1; v <= 3; ++v) {
          const std::uint64_t version = 2 * v + static_cast<std::uint64_t>(t);
          const auto said = m->put_newer(1, t, version);
          w.require(said.has_value(), "refused");
        }
      });
    }
    tasks.join();
    w.require(m->flush(), "no flush");
    // Between two deliveries of which the newer came first, the older one was accepted after it was delivered.
    w.require(!seen.delivered.empty(), "nothing was delivered");
    require_balanced(*m);
  });
}

TEST(map, a_get_sees_the_last_put_across_a_swap) {
  expect_holds([](sim::world& w) {
    map_recorder seen;
    seen.behaves = [&] { w.runtime().sleep_until(now() + 100s); };
    buffer_options o;
    o.each.processing_timeout = 200s;
    o.each.drain_threshold = 1;
    const auto m = make(w, seen, o);
    team tasks{w};
    int last = 0;
    tasks.spawn("writer", [&] {
      for (int i = 1; i <= 3; ++i) {
        w.require(m->put(1, i).has_value(), "refused");
        last = i;
      }
    });
    tasks.spawn("reader", [&] {
      for (int i = 0; i < 3; ++i) {
        const int at_least = last;
        const int got = m->get(1).value_or(0);
        w.require(got >= at_least, "a get misses what was put before it");
      }
    });
    tasks.join();
    require_balanced(*m);
  });
}

TEST(map, the_index_finds_what_a_plain_map_finds) {
  sim::generator g{11};
  buffer_detail::map_shard<int, int, std::hash<int>> shard;
  std::map<int, int> plain;
  for (int i = 0; i < 100'000; ++i) {
    const int key = static_cast<int>(g.below(400));
    const std::uint64_t hash = static_cast<std::uint64_t>(key % 37);  // many collide
    auto* const there = shard.find(hash, key);
    ASSERT_EQ(there != nullptr, plain.contains(key));
    if (there != nullptr) {
      ASSERT_EQ(there->value, plain[key]);
    }
    if (there != nullptr && g.below(2) == 0) {
      shard.erase(*there);
      plain.erase(key);
    } else if (there == nullptr) {
      shard.insert(hash, {key, i, 0, 0});
      plain[key] = i;
    }
    if (g.below(50) == 0 && shard.size() != 0) {
      plain.erase(shard.data()->key);
      shard.pop_first();
    }
    ASSERT_EQ(shard.size(), plain.size());
  }
}

}  // namespace
}  // namespace wavetank::buffer_tests::map_test

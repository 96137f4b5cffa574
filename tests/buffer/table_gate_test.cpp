// The swap: what a writer puts under a lease is in exactly one table, whatever the drainer does meanwhile.
#include "simulated.h"

#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/buffer/table_lease.h>

#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::table_gate_test {
namespace {

using table = queue_table<int>;
using gate = buffer_detail::table_gate<sim::runtime, table>;
using hand_over = buffer_detail::hand_over<sim::runtime, table>;

/// False: it was closed.
bool push(gate& to, std::size_t shard, int record) {
  auto lease = to.enter(shard, false);
  if (!lease) return false;
  lease.table().insert(lease, table::prepare({}, std::move(record)));
  return true;
}

/// Takes everything that can be processed now.
void process(sim::world& w, hand_over& from, std::vector<int>& into) {
  auto* const frame = from.take(w.runtime().now());
  if (frame == nullptr) return;
  table::cursor at;
  const auto batch = frame->table.next_batch(at, whole_table);
  into.insert(into.end(), batch.begin(), batch.end());
  from.settled(frame->counted);
  from.done(*frame);
}

void process_all(sim::world& w, hand_over& from, std::vector<int>& into) {
  process(w, from, into);
  while (from.waits()) {
    sim::runtime::relax();
    process(w, from, into);
  }
}

void swap_and_process(sim::world& w, hand_over& from, std::vector<int>& into) {
  from.publish(w.runtime().now());
  process_all(w, from, into);
}

void two_writers_and_a_swap(sim::world& w, std::size_t shards) {
  gate of{{}, shards, w.runtime().now()};
  hand_over drainer{of};
  for (int t = 0; t < 2; ++t) {
    w.spawn("writer", [&of, t, shards] { push(of, static_cast<std::size_t>(t) % shards, t); });
  }
  std::vector<int> seen;
  w.spawn("drainer", [&] { swap_and_process(w, drainer, seen); });
  w.join_all();
  swap_and_process(w, drainer, seen);
  w.require(seen.size() == 2 && std::set<int>(seen.begin(), seen.end()).size() == 2, "a record is lost or doubled");
  w.require(drainer.tally().accepted == 2, "an acknowledged record is not counted");
  w.require(drainer.older() == table_extent{} && of.size() == table_extent{}, "a size does not come back to 0");
}

TEST(table_gate, nothing_is_lost_in_a_swap_under_any_schedule) {
  expect_holds_always([](sim::world& w) { two_writers_and_a_swap(w, 1); });
}

TEST(table_gate, nothing_is_lost_in_a_swap_of_several_shards_under_any_schedule) {
  expect_holds_always([](sim::world& w) { two_writers_and_a_swap(w, 2); });
}

TEST(table_gate, what_a_reader_looks_through_is_still_counted) {
  expect_holds([](sim::world& w) {
    gate of{{}, 1, w.runtime().now()};
    hand_over drainer{of};
    w.spawn("writer", [&of] { push(of, 0, 7); });
    w.spawn("reader", [&of] {
      auto lease = of.enter(0, false);
      lease.look_through([](const table&) { return false; });
    });
    std::vector<int> seen;
    w.spawn("drainer", [&] { swap_and_process(w, drainer, seen); });
    w.join_all();
    swap_and_process(w, drainer, seen);
    w.require(seen == std::vector<int>{7}, "the record is lost or doubled");
    w.require(drainer.tally().accepted == 1, "an acknowledged record is not counted");
  });
}

TEST(table_gate, a_writer_that_met_an_old_table_twice_recycled_does_not_write_to_it) {
  expect_holds([](sim::world& w) {
    gate of{{}, 1, w.runtime().now()};
    hand_over drainer{of};
    w.spawn("writer", [&of] {
      for (int i = 0; i < 3; ++i) push(of, 0, i);
    });
    std::vector<int> seen;
    w.spawn("drainer", [&] {
      for (int i = 0; i < 4; ++i) {
        swap_and_process(w, drainer, seen);
      }
    });
    w.join_all();
    swap_and_process(w, drainer, seen);
    w.require(seen == std::vector<int>{0, 1, 2}, "one producer's records are lost or out of order");
  });
}

TEST(table_gate, what_is_not_closed_is_accepted_and_what_is_closed_is_not) {
  expect_holds_always([](sim::world& w) {
    gate of{{}, 1, w.runtime().now()};
    hand_over drainer{of};
    int acknowledged = 0;
    for (int t = 0; t < 2; ++t) w.spawn("writer", [&of, &acknowledged, t] { acknowledged += push(of, 0, t) ? 1 : 0; });
    std::vector<int> seen;
    std::size_t before = 0;
    w.spawn("drainer", [&] {
      drainer.close();
      process_all(w, drainer, seen);
      before = seen.size();
    });
    w.join_all();
    w.require(!push(of, 0, 9), "a closed gate lets somebody in");
    w.require(seen.size() == before && before == static_cast<std::size_t>(acknowledged),
              "what was acknowledged is not what was drained");
  });
}

TEST(table_gate, nobody_enters_a_table_once_somebody_is_in_the_next) {
  expect_holds_always([](sim::world& w) {
    gate of{{}, 1, w.runtime().now()};
    hand_over drainer{of};
    std::uint64_t newest = 0;
    for (int t = 0; t < 2; ++t) {
      w.spawn("writer", [&] {
        auto lease = of.enter(0, false);
        w.require(lease.generation() >= newest, "a writer came late into an old table");
        newest = lease.generation();
        lease.table().insert(lease, table::prepare({}, 1));
      });
    }
    w.spawn("drainer", [&] {
      drainer.publish(w.runtime().now());
      drainer.look_again();
    });
    w.join_all();
  });
}

TEST(table_gate, a_writer_that_stalls_holds_up_its_own_shard_alone) {
  expect_holds_always([](sim::world& w) {
    gate of{{}, 2, w.runtime().now()};
    hand_over drainer{of};
    push(of, 0, 1);
    std::vector<int> seen;
    {
      auto stalled = of.enter(1, false);
      stalled.table().insert(stalled, table::prepare({}, 2));
      drainer.publish(w.runtime().now());
      process(w, drainer, seen);
      w.require(seen == std::vector<int>{1}, "the quiet shard was not drained");
      w.require(drainer.waits(), "nobody waits for the writer");
      push(of, 0, 3);
      push(of, 1, 4);  // after 2, so it waits for it
      drainer.publish(w.runtime().now());
      process(w, drainer, seen);
      w.require(seen == std::vector<int>({1, 3}), "a shard overtook itself, or the other one did not go on");
      for (int i = 5; i < 30; ++i) {  // for ever, without a table for each swap
        push(of, 0, i);
        push(of, 1, i);
        drainer.publish(w.runtime().now());
        process(w, drainer, seen);
      }
      w.require(seen.size() == 27, "the stalled writer stopped the others");
    }
    process(w, drainer, seen);
    w.require(seen.size() == 54 && seen[27] == 2 && seen[28] == 4, "the late shard is not in order");
    w.require(!drainer.waits() && drainer.older() == table_extent{}, "something is left");
  });
}

}  // namespace
}  // namespace wavetank::buffer_tests::table_gate_test

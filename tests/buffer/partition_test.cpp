// The partition's states, line by line of its table, under many schedules.
#include "partition_lab.h"

#include <algorithm>
#include <numeric>

namespace wavetank::buffer_tests::partition_test {
namespace {

TEST(partition, a_tick_hands_over_what_is_there_and_not_before) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen);
    push_all(*p, 1, 3);
    w.runtime().sleep_until(now() + 4s);
    w.require(seen.begun == 0 && p->buffer_size() == 3, "processed before the tick");
    w.runtime().sleep_until(now() + 2s);
    w.require(seen.all() == std::vector<int>({1, 2, 3}), "not processed by the tick");
    w.require(p->buffer_size() == 0 && p->in_flight_size() == 0, "still there");
    require_balanced(*p);
  });
}

TEST(partition, batches_have_the_size_that_was_asked_for) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, {.processing_batch_size = 2});
    team tasks{w};
    push_all(*p, 1, 5);
    tasks.spawn("other", [&] { push_all(*p, 6, 7); });
    tasks.join();
    w.require(p->flush(), "no flush");
    w.require(seen.calls.size() == 4 && seen.calls.back().size() == 1, "batches are not filled");
    require_balanced(*p);
  });
}

TEST(partition, the_threshold_swaps_at_once) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, {.drain_threshold = 2});
    team tasks{w};
    const auto begin = now();
    for (int t = 0; t < 2; ++t) tasks.spawn("writer", [&, t] { push_all(*p, t, t); });
    tasks.join();
    w.runtime().sleep_until(begin + 1s);
    w.require(seen.all().size() == 2, "the threshold was not seen");
  });
}

TEST(partition, a_tick_while_processing_is_noted_and_swaps_when_it_is_done) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) {
      if (seen.begun == 1) w.runtime().sleep_until(now() + 7s);
    };
    const auto p = make(w, seen);
    push_all(*p, 1, 1);
    w.runtime().sleep_until(now() + 6s);  // processing until 12 s, the second tick is at 10 s
    push_all(*p, 2, 2);
    w.runtime().sleep_until(now() + 7s);
    w.require(seen.all() == std::vector<int>({1, 2}), "the noted swap waited for another tick");
  });
}

TEST(partition, nothing_is_lost_between_writers_ticks_and_stop) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, {.processing_interval = 1ms, .processing_batch_size = 2, .drain_threshold = 2});
    team tasks{w};
    std::vector<int> acknowledged;
    for (int t = 0; t < 2; ++t) {
      tasks.spawn("writer", [&, t] {
        for (int i = 0; i < 3; ++i) {
          if (p->put(t * 10 + i)) acknowledged.push_back(t * 10 + i);
        }
      });
    }
    number_partition::report said;
    tasks.spawn("stopper", [&] {
      w.runtime().sleep_until(now() + 1ms);
      said = p->stop();
    });
    tasks.join();
    auto all = seen.all();
    w.require(said.drained && said.rest.empty(), "not drained");
    for (const int t : {0, 1}) {
      std::vector<int> mine;
      std::copy_if(all.begin(), all.end(), std::back_inserter(mine), [t](int n) { return n / 10 == t; });
      w.require(std::is_sorted(mine.begin(), mine.end()), "a producer's records are out of order");
    }
    std::sort(all.begin(), all.end());
    std::sort(acknowledged.begin(), acknowledged.end());
    w.require(all == acknowledged, "what was acknowledged is not what was delivered");
    w.require(p->put(1).error().what == put_problem::closed, "open after stop");
    require_balanced(*p);
    w.require(p->buffer_size() == 0 && p->in_flight_size() == 0, "something is left after stop");
  });
}

TEST(partition, a_flush_delivers_what_was_accepted_before_it) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, {.processing_batch_size = 2});
    team tasks{w};
    std::vector<int> before;
    for (int t = 0; t < 2; ++t) {
      tasks.spawn("writer", [&, t] {
        push_all(*p, t, t);
        before.push_back(t);
        const auto barrier = before;
        w.require(p->flush(), "no flush");
        const auto delivered = seen.all();
        for (const int n : barrier) {
          w.require(std::count(delivered.begin(), delivered.end(), n) == 1, "flushed and not delivered");
        }
      });
    }
    tasks.join();
    w.require(!seen.all().empty() && now().time_since_epoch() < 5s, "a flush waited for the tick");
  });
}

TEST(partition, a_flush_gives_up_at_its_deadline) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 10s); };
    const auto p = make(w, seen);
    push_all(*p, 1, 1);
    w.require(!p->flush(now() + 1s), "flushed what is in the processor");
    w.require(p->flush(), "not flushed in the end");
    w.require(seen.all().size() == 1, "not delivered");
  });
}

TEST(partition, stop_gives_back_what_is_not_processed_by_its_deadline) {
  expect_holds([](sim::world& w) {
    recorder seen;
    bool asked_to_stop = false;
    seen.behaves = [&](const auto& context) {
      w.runtime().sleep_until(now() + 10s);
      asked_to_stop = context.stop.stop_requested();
    };
    const auto p = make(w, seen, {.processing_batch_size = 2});
    push_all(*p, 1, 3);
    w.runtime().sleep_until(now() + 6s);  // 1 and 2 are in the processor
    push_all(*p, 4, 5);
    const auto said = p->stop(now() + 1s);
    w.require(!said.drained && said.processor_stuck, "stop says that all is well");
    w.require(said.failed == 2 && said.rest == std::vector<int>({3, 4, 5}), "the rest is not what is left");
    w.require(p->in_flight_size() == 0 && p->buffer_size() == 0, "something is left after stop");
    require_balanced(*p);
    w.require(p->counts().returned == 3 && p->counts().failed == 2, "miscounted");
    w.require(p->stop().already_stopped, "stopped twice");
    w.runtime().sleep_until(now() + 10s);
    w.require(asked_to_stop, "the processor was not asked to stop");
    w.require(seen.begun == 1 && p->counts().delivered == 0, "a late completion counts");
  });
}

TEST(partition, a_stop_whose_deadline_has_passed_gives_back_without_a_call) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen);
    push_all(*p, 1, 3);
    const auto said = p->stop(now());
    w.require(!said.drained && said.rest == std::vector<int>({1, 2, 3}) && seen.begun == 0, "not all given back");
    require_balanced(*p);
    const auto empty = make(w, seen);
    w.require(empty->stop(now()).drained, "nothing is left of nothing");
  });
}

TEST(partition, a_stopped_partition_can_be_stopped_by_several) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen);
    team tasks{w};
    push_all(*p, 1, 2);
    int first = 0;
    for (int t = 0; t < 2; ++t) tasks.spawn("stopper", [&] { first += p->stop().already_stopped ? 0 : 1; });
    tasks.join();
    w.require(first == 1 && seen.all().size() == 2, "not stopped once");
  });
}

TEST(partition, options_are_updated_without_losing_the_phase) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen);
    push_all(*p, 1, 1);
    for (int i = 0; i < 3; ++i) {  // every 2 s, which would put a tick off for ever
      w.runtime().sleep_until(now() + 2s);
      auto o = p->options();
      o.processing_batch_size = 7;
      w.require(p->update_options(o).has_value(), "refused");
    }
    w.require(seen.all().size() == 1, "updates starve processing");
    auto wrong = p->options();
    wrong.processing_interval = 0s;
    wrong.max_records = 1;
    w.require(p->update_options(wrong).error().option == "processing_interval", "accepted");
    w.require(!p->options().max_records, "half applied");
  });
}

TEST(partition, whoever_pushes_from_the_processor_pushes_to_the_next_generation) {
  expect_holds([](sim::world& w) {
    recorder seen;
    number_partition* self = nullptr;
    seen.behaves = [&](const auto& context) {
      if (context.generation == 1) w.require(self->put(2).has_value(), "refused");
      if (context.generation == 2) w.require(self->put(3).error().what == put_problem::closed, "taken while closing");
    };
    const auto p = make(w, seen);
    self = p.get();
    push_all(*p, 1, 1);
    w.require(p->flush(), "no flush");
    w.require(p->stop().drained, "not drained");
    w.require(seen.all() == std::vector<int>({1, 2}), "not delivered in order");
  });
}

TEST(partition, counts_wait_for_nobody) {
  expect_holds([](sim::world& w) {
    recorder seen;
    const auto p = make(w, seen, {.processing_interval = 1ms});
    push_all(*p, 1, 2);
    {
      const auto stalls = p->current_table();
      w.require(p->counts().accepted == 2 && p->counts().buffered == 2, "beside a writer in the current table");
      w.runtime().sleep_until(now() + 10ms);
      w.require(p->counts().accepted == 2, "beside a writer in a table that waits for it");
      require_balanced(*p);
    }
    w.require(p->flush() && p->counts().delivered == 2, "not delivered");
  });
}

}  // namespace
}  // namespace wavetank::buffer_tests::partition_test

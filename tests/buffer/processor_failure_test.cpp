// A processor that throws, hangs or dies: what becomes of its batch, and that the partition goes on.
#include "partition_lab.h"

#include <algorithm>
#include <stdexcept>

namespace wavetank::buffer_tests::processor_failure_test {
namespace {

constexpr partition_options one_by_one{.processing_batch_size = 1};

partition_options with(failure_policy policy, delivery_guarantee delivery = delivery_guarantee::at_most_once) {
  partition_options o = one_by_one;
  o.on_failure = policy;
  o.delivery = delivery;
  return o;
}

TEST(processor_failure, a_batch_that_throws_is_dropped_and_the_later_ones_are_processed) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) {
      if (seen.begun == 1) throw std::runtime_error("bad record");
    };
    const auto p = make(w, seen, one_by_one);
    push_all(*p, 1, 3);
    w.require(p->flush(), "no flush");
    w.require(seen.all() == std::vector<int>({2, 3}), "the later ones were not processed");
    w.require(p->counts().failed == 1 && p->counts().delivered == 2, "miscounted");
    require_balanced(*p);
  });
}

TEST(processor_failure, a_retry_comes_after_a_back_off_that_doubles_and_ends) {
  expect_holds([](sim::world& w) {
    recorder seen;
    std::vector<sim::time_point> at;
    seen.behaves = [&](const auto& context) {
      at.push_back(now());
      w.require(context.attempt == at.size(), "attempts are not counted");
      throw std::runtime_error("again");
    };
    const auto p = make(w, seen, with(failure_policy::retry));
    push_all(*p, 1, 1);
    w.require(p->flush(), "no flush");
    w.require(at.size() == 3 && at[1] - at[0] >= 10ms && at[2] - at[1] >= 20ms, "the back-off is not kept");
    w.require(p->counts().failed == 1, "miscounted");
    require_balanced(*p);
  });
}

TEST(processor_failure, dead_letters_are_handed_over) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) {
      if (seen.begun == 1) throw std::runtime_error("bad record");
    };
    auto to = seen.processor();
    std::vector<int> dead;
    to.dead_letter = [&](std::span<const int> batch) { dead.assign(batch.begin(), batch.end()); };
    auto o = with(failure_policy::dead_letter);
    o.shards = 1;
    const auto p = std::move(*number_partition::make(w.runtime(), to, o));
    push_all(*p, 1, 2);
    w.require(p->flush(), "no flush");
    w.require(dead == std::vector<int>{1} && seen.all() == std::vector<int>{2}, "not handed over");
    w.require(p->counts().failed == 1, "miscounted");
  });
}

TEST(processor_failure, a_call_that_hangs_is_settled_and_nobody_is_called_beside_it) {
  expect_holds([](sim::world& w) {
    recorder seen;
    bool asked = false;
    seen.behaves = [&](const auto& context) {
      if (seen.begun > 1) return;
      w.runtime().sleep_until(now() + 100s);
      asked = context.stop.stop_requested();
    };
    const auto p = make(w, seen, one_by_one);
    push_all(*p, 1, 2);
    w.runtime().sleep_until(now() + 70s);
    w.require(p->stuck() && p->counts().failed == 1, "not settled at the time-out");
    w.require(seen.begun == 1, "another call beside it");
    require_balanced(*p);
    w.require(p->flush(), "no flush");
    w.require(asked && !p->stuck(), "it was not asked to stop");
    w.require(p->counts().failed == 1 && p->counts().delivered == 1, "the late completion counts");
  });
}

TEST(processor_failure, at_most_once_repeats_nothing_of_unknown_outcome) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 100s); };
    const auto p = make(w, seen, with(failure_policy::retry));
    push_all(*p, 1, 1);
    w.require(p->flush(), "no flush");
    w.runtime().sleep_until(now() + 200s);
    w.require(seen.begun == 1 && p->counts().failed == 1, "repeated, though it may have been delivered");
  });
}

TEST(processor_failure, at_least_once_repeats_until_it_succeeds) {
  expect_holds([](sim::world& w) {
    recorder seen;
    seen.behaves = [&](const auto&) {
      if (seen.begun < 6) throw std::runtime_error("again");
    };
    const auto p = make(w, seen, with(failure_policy::drop, delivery_guarantee::at_least_once));
    push_all(*p, 1, 1);
    w.require(p->flush(), "no flush");
    w.require(seen.all() == std::vector<int>{1} && p->counts().delivered == 1, "not delivered in the end");
  });
}

TEST(processor_failure, a_dead_task_is_replaced_and_nothing_is_lost) {
  for (const auto delivery : {delivery_guarantee::at_most_once, delivery_guarantee::at_least_once}) {
    sim::scenario budget;
    budget.kills = 3;
    budget.spurious_wakeups = 2;
    budget.early_timers = 2;
    expect_holds(
        [delivery](sim::world& w) {
          recorder seen;
          seen.behaves = [&](const auto&) { w.runtime().sleep_until(now() + 1us); };
          partition_options o = with(failure_policy::retry, delivery);
          o.processing_interval = 1ms;
          const auto p = make(w, seen, o);
          team writers{w};
          std::vector<int> acknowledged;
          for (int t = 0; t < 2; ++t) {
            writers.spawn("writer", [&, t] {
              for (int i = 0; i < 2; ++i) {
                if (p->put(t * 10 + i)) acknowledged.push_back(t * 10 + i);
                w.runtime().sleep_until(now() + 1ms);
              }
            });
          }
          writers.join();
          const auto said = p->stop();
          w.require(said.drained, "not drained");
          require_balanced(*p);
          auto all = seen.all();
          std::sort(all.begin(), all.end());
          const auto once = std::unique(all.begin(), all.end());
          const bool doubled = once != all.end();
          all.erase(once, all.end());
          std::sort(acknowledged.begin(), acknowledged.end());
          if (delivery == delivery_guarantee::at_most_once) {
            w.require(!doubled, "a record was delivered twice");
            w.require(p->counts().delivered + p->counts().failed == acknowledged.size(), "miscounted");
          } else {
            w.require(all == acknowledged, "a record is missing");
          }
        },
        budget, 6'000);
  }
}

}  // namespace
}  // namespace wavetank::buffer_tests::processor_failure_test

// Exhaustive search counts what combinatorics counts, and misses nothing.
#include <gtest/gtest.h>

#include <set>

#include "programs.h"

namespace wavetank::sim::exhaustive_test {
namespace {

using programs::explore;

constexpr std::uint64_t no_limit = 10'000'000;

std::uint64_t interleavings(std::vector<std::uint64_t> lengths) {
  std::uint64_t ways = 1;
  std::uint64_t n = 0;
  for (const std::uint64_t length : lengths) {
    for (std::uint64_t i = 1; i <= length; ++i) ways = ways * ++n / i;
  }
  return ways;
}

TEST(exhaustive, plain_search_runs_every_interleaving_once) {
  for (const auto& [tasks, steps] : {std::pair{2, 3}, {2, 4}, {2, 6}, {3, 2}, {3, 3}, {4, 2}}) {
    const auto r = explore(programs::strangers(tasks, steps), "exhaustive(plain)", no_limit);
    EXPECT_TRUE(r.exhausted);
    EXPECT_EQ(r.executions, interleavings(std::vector<std::uint64_t>(static_cast<std::size_t>(tasks),
                                                                     static_cast<std::uint64_t>(steps))))
        << tasks << " x " << steps;
  }
}

struct known_count {
  programs::body program;
  std::uint64_t traces;
  const char* name;
};

TEST(exhaustive, sleep_sets_complete_each_trace_once) {
  const known_count cases[] = {
      {programs::counters(2, 4), 70, "2x4"},       {programs::counters(2, 6), 924, "2x6"},
      {programs::counters(2, 8), 12'870, "2x8"},   {programs::counters(3, 3), 1'680, "3x3"},
      {programs::counters(3, 4), 34'650, "3x4"},   {programs::lockers(2, 4), 70, "mutex 2x4"},
      {programs::strangers(3, 5), 1, "strangers"},
  };
  for (const auto& c : cases) {
    const auto r = explore(c.program, "exhaustive", no_limit);
    EXPECT_TRUE(r.exhausted) << c.name;
    EXPECT_EQ(r.executions - r.redundant, c.traces) << c.name;
  }
}

TEST(exhaustive, sleep_sets_lose_no_outcome) {
  // Programs drawn at random: the set of outcomes is that of the plain search.
  generator g{7};
  for (int round = 0; round < 60; ++round) {
    struct step {
      int location;
      int kind;
    };
    std::vector<std::vector<step>> tasks(2 + g.below(2));
    for (auto& t : tasks) {
      const std::uint32_t length = 1 + g.below(tasks.size() == 2 ? 4 : 3);
      for (std::uint32_t i = 0; i < length; ++i)
        t.push_back({static_cast<int>(g.below(2)), static_cast<int>(g.below(4))});
    }
    const auto outcomes = [&](const char* strategy) {
      std::set<std::vector<int>> seen;
      const auto body = [&](world& w) {
        atomic<int> x[2] = {0, 0};
        mutex m;
        std::vector<std::vector<int>> read(tasks.size());
        for (std::size_t t = 0; t < tasks.size(); ++t) {
          w.spawn("t" + std::to_string(t), [&, t] {
            for (const auto& s : tasks[t]) {
              auto& at = x[s.location];
              if (s.kind == 0) at.store(static_cast<int>(t) + 1);
              if (s.kind == 1) read[t].push_back(at.load());
              if (s.kind == 2) read[t].push_back(at.fetch_add(10));
              if (s.kind == 3) {
                const std::unique_lock<mutex> lock(m);
                at.store(at.load() * 2 + 1);
              }
            }
          });
        }
        w.join_all();
        w.unobserved([&] {
          std::vector<int> all{x[0].load(), x[1].load()};
          for (const auto& r : read) all.insert(all.end(), r.begin(), r.end());
          seen.insert(all);
        });
      };
      EXPECT_TRUE(explore(body, strategy, no_limit).exhausted);
      return seen;
    };
    EXPECT_EQ(outcomes("exhaustive"), outcomes("exhaustive(plain)")) << "round " << round;
  }
}

TEST(exhaustive, a_deadlock_that_needs_one_interleaving_is_found) {
  const auto r = explore(
      [](world& w) {
        mutex m;
        mutex n;
        atomic<int> gate{0};
        w.spawn("a", [&] {
          for (int i = 0; i < 4; ++i) gate.fetch_add(1);
          const std::unique_lock<mutex> one(m);
          const std::unique_lock<mutex> two(n);
        });
        w.spawn("b", [&] {
          if (gate.load() == 3) {
            const std::unique_lock<mutex> one(n);
            const std::unique_lock<mutex> two(m);
          }
        });
        w.join_all();
      },
      "exhaustive", no_limit);
  ASSERT_TRUE(r.failure);
  EXPECT_EQ(r.failure->what.kind, verdict_kind::deadlock);
}

TEST(exhaustive, every_waiter_may_be_the_one_that_is_notified) {
  std::set<std::string> woken;
  const auto r = explore(
      [&](world& w) {
        mutex m;
        condition_variable cv;
        int waiting = 0;
        bool once = false;
        for (const char* name : {"a", "b"}) {
          w.spawn(name, [&, name] {
            std::unique_lock<mutex> lock(m);
            const bool older = ++waiting == 1;
            cv.wait(lock);
            if (!std::exchange(once, true)) woken.insert(std::string(name) + (older ? ", the older" : ", the younger"));
            cv.notify_one();
          });
        }
        w.spawn("notifier", [&] {
          std::unique_lock<mutex> lock(m);
          if (waiting < 2) {
            once = true;  // too early for this question
            lock.unlock();
            while (w.unobserved([&] { return waiting; }) < 2) runtime::relax();
            lock.lock();
          }
          cv.notify_one();
        });
        w.join_all();
      },
      "exhaustive", no_limit);
  EXPECT_TRUE(r.exhausted);
  EXPECT_FALSE(r.failure);
  EXPECT_EQ(woken, (std::set<std::string>{"a, the older", "a, the younger", "b, the older", "b, the younger"}));
}

TEST(exhaustive, faults_are_alternatives_like_any_other) {
  // One kill, one task with three points: it dies at one of them or lives.
  std::set<int> reached;
  scenario deaths;
  deaths.kills = 1;
  const auto r = explore(
      [&](world& w) {
        int at = 0;
        w.spawn("victim", [&] {
          for (at = 1; at <= 3; ++at) runtime::point("here");
        });
        w.join_all();
        reached.insert(at);
      },
      "exhaustive", no_limit, 1, deaths);
  EXPECT_TRUE(r.exhausted);
  EXPECT_EQ(reached, (std::set<int>{1, 2, 3, 4}));
  EXPECT_EQ(r.executions - r.redundant, 4u);
}

TEST(exhaustive, both_orders_of_a_timer_and_a_notification) {
  std::set<bool> told_in_time;
  scenario racing;
  racing.early_timers = 100;
  const auto r = explore(
      [&](world& w) {
        mutex m;
        condition_variable cv;
        bool told = false;
        w.spawn("waiter", [&] {
          std::unique_lock<mutex> lock(m);
          told_in_time.insert(cv.wait_until(lock, time_point{std::chrono::milliseconds(1)}, [&] { return told; }));
        });
        w.spawn("teller", [&] {
          {
            const std::unique_lock<mutex> lock(m);
            told = true;
          }
          cv.notify_one();
        });
        w.join_all();
      },
      "exhaustive", no_limit, 1, racing);
  EXPECT_TRUE(r.exhausted);
  EXPECT_EQ(told_in_time, (std::set<bool>{false, true}));
}

}  // namespace
}  // namespace wavetank::sim::exhaustive_test

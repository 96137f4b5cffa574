// Small programs with known answers.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/random.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank::sim::programs {

using body = std::function<void(world&)>;

/// `tasks` tasks add to one location `increments` times each: as many interleavings as traces.
inline body counters(int tasks, int increments) {
  return [=](world& w) {
    atomic<int> x{0};
    for (int t = 0; t < tasks; ++t) {
      w.spawn("t" + std::to_string(t), [&x, increments] {
        for (int i = 0; i < increments; ++i) x.fetch_add(1);
      });
    }
    w.join_all();
  };
}

/// Each task adds to a location of its own: one trace.
inline body strangers(int tasks, int increments) {
  return [=](world& w) {
    std::vector<std::unique_ptr<atomic<int>>> x;
    for (int t = 0; t < tasks; ++t) x.push_back(std::make_unique<atomic<int>>(0));
    for (int t = 0; t < tasks; ++t) {
      w.spawn("t" + std::to_string(t), [&mine = *x[static_cast<std::size_t>(t)], increments] {
        for (int i = 0; i < increments; ++i) mine.fetch_add(1);
      });
    }
    w.join_all();
  };
}

/// Two tasks take a mutex `times` times each.
inline body lockers(int tasks, int times) {
  return [=](world& w) {
    mutex m;
    for (int t = 0; t < tasks; ++t) {
      w.spawn("t" + std::to_string(t), [&m, times] {
        for (int i = 0; i < times; ++i) {
          m.lock();
          m.unlock();
        }
      });
    }
    w.join_all();
  };
}

/// Depth 1: one order of two operations, `a` before `b`, is the bug. `noise` steps of a third task surround it.
inline body ordering(int noise) {
  return [=](world& w) {
    atomic<int> x{0};
    atomic<int> n{0};
    w.spawn("setter", [&] { x.store(1); });
    w.spawn("checker", [&] { require(x.load() == 1, "the checker came first"); });
    w.spawn("noise", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
    });
    w.join_all();
  };
}

/// Depth 2: an atomicity violation, another task's store between two loads.
inline body atomicity(int noise) {
  return [=](world& w) {
    atomic<int> x{0};
    atomic<int> n{0};
    w.spawn("reader", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      const int first = x.load();
      require(first == x.load(), "the value changed between two loads");
    });
    w.spawn("writer", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      x.store(1);
    });
    w.join_all();
  };
}

/// Depth 3, three ordering constraints between two tasks: a1 < b1, b2 < a2, a3 < b3.
inline body there_and_back(int noise) {
  return [=](world& w) {
    atomic<int> a{0};
    atomic<int> b{0};
    atomic<int> n{0};
    w.spawn("first", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      a.store(1);
      if (b.load() == 1) a.store(2);
    });
    w.spawn("second", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      if (a.load() == 1) {
        b.store(1);
        require(a.load() != 2, "there and back");
      }
    });
    w.join_all();
  };
}

/// Two preemptions inside each other: `outer` is preempted, then `middle`, and then `middle` must go on before `outer`.
/// Where change points push a task "below all so far", in the order of time, it never does.
inline body lifo(int noise) {
  return [=](world& w) {
    atomic<int> step[4] = {0, 0, 0, 0};
    atomic<int> n{0};
    w.spawn("outer", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      step[0].store(1);
      require(step[3].load() == 0, "the others ran inside out");
    });
    w.spawn("middle", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      if (step[0].load() == 1) {
        step[1].store(1);
        if (step[2].load() == 1) step[3].store(1);
      }
    });
    w.spawn("inner", [&, noise] {
      for (int i = 0; i < noise; ++i) n.fetch_add(1);
      if (step[1].load() == 1) step[2].store(1);
    });
    w.join_all();
  };
}

inline campaign_result explore(body b, const std::string& strategy, std::uint64_t schedules, std::uint64_t seed = 1,
                               scenario budget = {}) {
  campaign_options o;
  o.strategy = strategy;
  o.schedules = schedules;
  o.seed = seed;
  o.check_determinism_every = 0;
  o.shrink_runs = 0;
  return run_campaign(scenario_property("program", std::move(b), budget), o);
}

}  // namespace wavetank::sim::programs

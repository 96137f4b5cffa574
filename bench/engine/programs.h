// The programs that the engine is measured on.
#pragma once

#include <benchmark/benchmark.h>
#include <ctime>
#include <functional>
#include <thread>
#include <vector>

#include <wavetank/sim/engine/scheduler.h>
#include <wavetank/sim/random.h>
#include <wavetank/sim/strategies/random_walk.h>
#include <wavetank/sim/world.h>

namespace bench {

/// Processor time of the running thread, in seconds: steadier than wall time on a shared machine.
inline double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// Keeps the running task as long as it can run.
class stay final : public wavetank::sim::strategy {
 public:
  std::string name() const override { return "stay"; }
  bool begin(std::uint64_t) override { return true; }
  wavetank::sim::transition schedule(const wavetank::sim::scheduling_point& p) override {
    return wavetank::sim::calmest(p);
  }
  std::uint32_t choose(const wavetank::sim::value_point&) override { return 0; }
  void end(std::uint64_t, std::uint32_t) override {}
};

/// Hands over at every step.
class alternate final : public wavetank::sim::strategy {
 public:
  std::string name() const override { return "alternate"; }
  bool begin(std::uint64_t) override { return true; }
  wavetank::sim::transition schedule(const wavetank::sim::scheduling_point& p) override {
    const auto first = p.enabled[0];
    return wavetank::sim::transition::run(first != p.current || p.enabled_count == 1 ? first : p.enabled[1]);
  }
  std::uint32_t choose(const wavetank::sim::value_point&) override { return 0; }
  void end(std::uint64_t, std::uint32_t) override {}
};

/// Task i adds `adds[i]` times to one atomic, all starting together; executed over and over. Counts executions, steps
/// and decisions a second.
inline void counters(benchmark::State& state, wavetank::sim::strategy& answers, const std::vector<int>& adds) {
  std::thread([&] {
    using namespace wavetank::sim;
    scheduler s;
    scenario together;
    together.start_barrier = true;
    together.max_steps = ~0u;
    const std::function<void()> body = [&] {
      atomic<int> x{0};
      for (const int n : adds) {
        scheduler::here().spawn("t", [&x, n] {
          for (int i = 0; i < n; ++i) x.fetch_add(1);
        });
      }
      scheduler::here().join_all();
    };
    std::uint64_t executions = 0;
    std::uint64_t steps = 0;
    std::uint64_t decisions = 0;
    for (auto _ : state) {
      const double start = cpu_seconds();
      // Long enough for the clock's own cost to vanish.
      for (std::uint64_t before = steps; steps - before < 20'000;) {
        answers.begin(execution_seed(1, executions++));
        steps += s.execute(answers, together, body).steps;
        decisions += s.decisions().size();
      }
      state.SetIterationTime(cpu_seconds() - start);
    }
    const auto rate = [](std::uint64_t n) {
      return benchmark::Counter(static_cast<double>(n), benchmark::Counter::kIsRate);
    };
    state.counters["executions"] = rate(executions);
    state.counters["steps"] = rate(steps);
    state.counters["decisions"] = rate(decisions);
  }).join();
}

}  // namespace bench

// The engine beside its yardsticks, in one run: a bare Boost.Fiber yield, and its own campaigns on one core and on two.
#include "programs.h"

#include <boost/fiber/all.hpp>
#include <boost/fiber/scheduler.hpp>
#include <chrono>
#include <deque>

#include <wavetank/sim/campaign.h>
#include <wavetank/sim/scenario_property.h>

namespace {

namespace fibers = boost::fibers;

/// The least that a Boost.Fiber algorithm can be: a queue. The dispatcher stays out of it, or each yield would go
/// through it and the yardstick would be three times as long.
class bare_queue final : public fibers::algo::algorithm {
 public:
  void awakened(fibers::context* c) noexcept override {
    (c->is_context(fibers::type::dispatcher_context) ? idle_ : ready_).push_back(c);
  }
  fibers::context* pick_next() noexcept override {
    auto& from = ready_.empty() ? idle_ : ready_;
    if (from.empty()) return nullptr;
    auto* c = from.front();
    from.pop_front();
    return c;
  }
  bool has_ready_fibers() const noexcept override { return !ready_.empty(); }
  void suspend_until(const std::chrono::steady_clock::time_point&) noexcept override {}
  void notify() noexcept override {}

 private:
  std::deque<fibers::context*> ready_;
  std::deque<fibers::context*> idle_;
};

void bare_boost_fiber_yield(benchmark::State& state) {
  std::thread([&] {
    fibers::use_scheduling_algorithm<bare_queue>();
    std::uint64_t switches = 0;
    bool stop = false;
    fibers::fiber other([&] {
      while (!stop) boost::this_fiber::yield();
    });
    for (auto _ : state) {
      const double start = bench::cpu_seconds();
      for (int i = 0; i < 10'000; ++i) boost::this_fiber::yield();
      switches += 20'000;
      state.SetIterationTime(bench::cpu_seconds() - start);
    }
    stop = true;
    other.join();
    state.counters["switches"] = benchmark::Counter(static_cast<double>(switches), benchmark::Counter::kIsRate);
  }).join();
}
BENCHMARK(bare_boost_fiber_yield)->UseManualTime();

void decision_with_switch(benchmark::State& state) {
  bench::alternate answers;
  bench::counters(state, answers, {10'000, 10'000});
}
BENCHMARK(decision_with_switch)->UseManualTime();

/// The first task waits, enabled, at its only step while the second one, started last, runs: every step is a decision.
void decision_without_switch(benchmark::State& state) {
  bench::stay answers;
  bench::counters(state, answers, {1, 20'000});
}
BENCHMARK(decision_without_switch)->UseManualTime();

void random_walk_2x4(benchmark::State& state) {
  wavetank::sim::random_walk answers;
  bench::counters(state, answers, {4, 4});
}
BENCHMARK(random_walk_2x4)->UseManualTime();

void random_walk_2x500(benchmark::State& state) {
  wavetank::sim::random_walk answers;
  bench::counters(state, answers, {500, 500});
}
BENCHMARK(random_walk_2x500)->UseManualTime();

void random_walk_64x20(benchmark::State& state) {
  wavetank::sim::random_walk answers;
  bench::counters(state, answers, std::vector<int>(64, 20));
}
BENCHMARK(random_walk_64x20)->UseManualTime();

/// Wall time: what a second core brings. The argument is the number of jobs.
void campaign(benchmark::State& state) {
  const wavetank::sim::scenario_property counters("counters", [](wavetank::sim::world& w) {
    wavetank::sim::atomic<int> x{0};
    for (const char* name : {"a", "b", "c"}) {
      w.spawn(name, [&] {
        for (int i = 0; i < 10; ++i) x.fetch_add(1);
      });
    }
    w.join_all();
  });
  std::uint64_t executions = 0;
  for (auto _ : state) {
    wavetank::sim::campaign_options o;
    o.schedules = 400'000;
    o.jobs = static_cast<unsigned>(state.range(0));
    executions += wavetank::sim::run_campaign(counters, o).executions;
  }
  state.counters["executions"] = benchmark::Counter(static_cast<double>(executions), benchmark::Counter::kIsRate);
}
BENCHMARK(campaign)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

// How many crash states a second: each allowed subset hashed, each different tree built once as a disk that a recovery
// can run on. `states` counts the disks that were handed out, `subsets` what was looked at for them.
#include <wavetank/sim/disk/crash_states.h>
#include <wavetank/sim/disk/process_file_system.h>

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string>

namespace wavetank::sim::disk {
namespace {

const std::string key(64, 'a');

void must(const io_result<void>& given) {
  if (!given) throw std::runtime_error(to_string(given.error()));
}

/// A disk with a store of some files, and processes' calls on it.
struct bench {
  explicit bench(crash_mode mode)
      : on([&] {
          disk_options options;
          options.mode = mode;
          return options;
        }()) {}
  void store(unsigned files) {
    must(fs.mkdir("/store"));
    for (unsigned i = 0; i < files; ++i) write("/store/" + key + std::to_string(i), 3);
    on.sync_all(calm);
  }
  void write(const std::string& path, unsigned pages) {
    auto file = std::move(fs.open(path, open_mode::create_exclusive)).value();
    const std::string bytes(pages * 4096, 'x');
    must(fs.pwrite(file, 0, std::as_bytes(std::span{bytes})));
  }
  disk on;
  calm_decider calm;
  call_watcher watcher;
  process_file_system fs{on, 1, calm, watcher};
};

void enumerate(benchmark::State& state, const disk& on, const crash_limits& limits) {
  crash_summary total;
  for (auto _ : state) {
    std::uint64_t inodes = 0;
    const auto summary = for_each_crash_state(on, limits, [&](const disk& after) { inodes += after.inodes().size(); });
    benchmark::DoNotOptimize(inodes);
    total.states += summary.states;
    total.subsets += summary.subsets;
  }
  using benchmark::Counter;
  state.counters["states"] = Counter(static_cast<double>(total.states), Counter::kIsRate);
  state.counters["subsets"] = Counter(static_cast<double>(total.subsets), Counter::kIsRate);
  state.counters["operations"] = static_cast<double>(on.free_operations());
}

/// One save before its first sync: create, write three pages, link. A store of some files around it.
void one_save(benchmark::State& state) {
  bench b{crash_mode::linux_like};
  b.store(static_cast<unsigned>(state.range(0)));
  b.write("/store/" + key + ".tmp", 3);
  must(b.fs.link("/store/" + key + ".tmp", "/store/" + key + ".kvc"));
  enumerate(state, b.on, {});
}
BENCHMARK(one_save)->Arg(0)->Arg(10)->Arg(100);

/// Three saves at once: 18 operations, 2^18 subsets.
void three_saves(benchmark::State& state) {
  bench b{static_cast<crash_mode>(state.range(0))};
  b.store(10);
  for (const char* tmp : {".1.tmp", ".2.tmp", ".3.tmp"}) {
    b.write("/store/" + key + tmp, 3);
    must(b.fs.link("/store/" + key + tmp, "/store/" + key + tmp + ".kvc"));
  }
  crash_limits limits;
  limits.exhaustive_up_to = std::uint64_t{1} << 18;
  enumerate(state, b.on, limits);
}
BENCHMARK(three_saves)
    ->Arg(static_cast<int>(crash_mode::linux_like))
    ->Arg(static_cast<int>(crash_mode::journal))
    ->Unit(benchmark::kMillisecond);

/// Fifty saves at once: sampled.
void sampled(benchmark::State& state) {
  bench b{crash_mode::linux_like};
  b.store(10);
  for (unsigned i = 0; i < 50; ++i) b.write("/store/" + key + std::to_string(i) + ".tmp", 3);
  enumerate(state, b.on, {});
}
BENCHMARK(sampled)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wavetank::sim::disk

BENCHMARK_MAIN();

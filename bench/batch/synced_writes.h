// What the benchmarks of synced writes have in common: the size of a write, and the times of single writes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include <benchmark/benchmark.h>

namespace wavetank::bench_batch {

inline constexpr std::size_t item_bytes = 128;

/// Measures single writes, of all threads of a run, for the median and the 99th percentile.
class write_times {
 public:
  /// Writes, so many items at once, for as long as the benchmark runs. The first thread reports.
  template <class Write>
  void measure(benchmark::State& state, std::int64_t items, Write&& write) {
    std::vector<double> seconds;
    for (auto _ : state) {
      const auto start = std::chrono::steady_clock::now();
      write();
      seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    add(seconds);
    state.SetItemsProcessed(state.iterations() * items);
    if (state.thread_index() != 0) return;
    state.counters["p50_us"] = at(0.5) * 1e6;
    state.counters["p99_us"] = at(0.99) * 1e6;
  }

 private:
  void add(const std::vector<double>& some) {
    const std::lock_guard lock{mutex_};
    all_.insert(all_.end(), some.begin(), some.end());
  }
  double at(double share) {
    const std::lock_guard lock{mutex_};
    if (all_.empty()) return 0;
    const auto place = all_.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(all_.size() - 1));
    std::nth_element(all_.begin(), place, all_.end());
    return *place;
  }

  std::mutex mutex_;
  std::vector<double> all_;
};

}  // namespace wavetank::bench_batch

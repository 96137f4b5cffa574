// What the benchmarks of synced writes have in common: size, directory and the times of single writes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <unistd.h>

#include <benchmark/benchmark.h>

namespace wavetank::bench_batch {

inline constexpr std::size_t item_bytes = 128;

/// A directory of its own, gone in the end.
struct scratch {
  std::string path = std::filesystem::temp_directory_path() / "wavetank_bench_XXXXXX";
  scratch() {
    if (::mkdtemp(path.data()) == nullptr) std::abort();
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

/// The time of each write, of all threads, for the median and the 99th percentile.
class latencies {
 public:
  void add(std::vector<double> some) {
    const std::lock_guard lock{mutex_};
    all_.insert(all_.end(), some.begin(), some.end());
  }
  /// Median and 99th percentile.
  void report(benchmark::State& state) {
    state.counters["p50_us"] = at(0.5) * 1e6;
    state.counters["p99_us"] = at(0.99) * 1e6;
  }

 private:
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

template <class Write>
void timed(benchmark::State& state, std::vector<double>& seconds, Write&& write) {
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    write();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
}

}  // namespace wavetank::bench_batch

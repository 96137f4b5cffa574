// Reservations of unrelated keys while a file is adopted: it is read whole, past the page cache, and that must keep
// nobody waiting. Bound: an adoption of 512 MB delays no `reserve_save` by more than 1 ms.
//
// One thread recovers the file that a writer left; another reserves and cancels keys all the while. The time is that of
// the adoption; the counters are microseconds of the single `reserve_save`, beside it and, in as many calls right
// after it, alone.
#include <wavetank/bench/cache/measured_rows.h>
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache/whole_file.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace wavetank;
using bench::metadata_of;
using bench::must;
using cache_type = prefix_cache<thread_runtime, posix_file_system>;
using clock = std::chrono::steady_clock;

double us_since(clock::time_point start) {
  return std::chrono::duration<double, std::micro>(clock::now() - start).count();
}

double quantile(std::vector<double>& all, double part) {
  const auto rank = static_cast<std::ptrdiff_t>(part * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), all.begin() + rank, all.end());
  return all[static_cast<std::size_t>(rank)];
}

/// Reserves a key and cancels it. How long the reservation took.
double reserve_us(cache_type& cache, const cache_key& key, const std::string& path) {
  const auto start = clock::now();
  const auto token = cache.table().reserve_save(key, cache_tier::disk, path);
  const double took = us_since(start);
  must(token && cache.table().cancel_reservation(*token));
  return took;
}

void reservations_beside_an_adoption(benchmark::State& state) {
  const temporary_directory parent;
  const std::string folder = parent.path() + "/cache";
  const std::string left_over = parent.path() + "/left_over";
  const auto left = metadata_of(1);
  {
    const std::vector<std::byte> payload(static_cast<std::size_t>(state.range(0)), std::byte{7});
    const auto file = cache_tests::whole_file(left, payload);
    std::ofstream out(left_over, std::ios::binary);
    out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    must(out.flush().good());
  }
  thread_runtime world;
  posix_file_system files;
  const auto cache = cache_type::open(world, files, {.disk_path = folder});
  must(cache.has_value());
  const auto wanted = key_of(left);
  const auto other = key_of(metadata_of(2));
  const std::string path = folder + "/" + kvc_final_name(wanted);
  const std::string other_path = folder + "/" + kvc_final_name(other);

  std::vector<double> alone;
  std::vector<double> beside;
  for (auto _ : state) {
    const auto token = (*cache)->table().reserve_save(wanted, cache_tier::disk, path);
    must(token.has_value());
    std::filesystem::create_hard_link(left_over, path);

    std::atomic<bool> adopted = false;
    double adoption_us = 0;
    std::thread recovery([&] {
      const auto start = clock::now();
      (*cache)->table().abandon_reservation(*token);
      adoption_us = us_since(start);
      adopted = true;
    });
    const auto before = beside.size();
    while (!adopted) beside.push_back(reserve_us(**cache, other, other_path));
    recovery.join();
    while (alone.size() < beside.size()) alone.push_back(reserve_us(**cache, other, other_path));
    must(beside.size() > before && (*cache)->table().contains(wanted));
    (*cache)->table().evict(wanted);
    state.SetIterationTime(1e-6 * adoption_us);
  }
  state.counters["calls"] = static_cast<double>(beside.size());
  state.counters["median_us"] = quantile(beside, 0.5);
  state.counters["p99_us"] = quantile(beside, 0.99);
  state.counters["max_us"] = quantile(beside, 1);
  state.counters["alone_median_us"] = quantile(alone, 0.5);
  state.counters["alone_p99_us"] = quantile(alone, 0.99);
  state.counters["alone_max_us"] = quantile(alone, 1);
}
BENCHMARK(reservations_beside_an_adoption)->Arg(512LL << 20)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace

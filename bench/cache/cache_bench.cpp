// The pure parts of the cache beside what they cannot beat.
//
// `prefix_keys` at each stride stands beside `one_hash` of the same bytes. Its bound is 1.2 hashes, and at strides
// below 256 one compression more for each probe; the counter `of_bound` is the part of that bound which it takes, and
// `hashes` how many hashes it costs. One compression is what `one_hash` takes for one block. `crc32c` stands beside
// `memcpy` of the same bytes, in the cache of the processor and out of it.
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/prefix_keys.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace wavetank;

constexpr std::size_t prompt_tokens = 30'000;
constexpr std::size_t block_bytes = 64;

const std::vector<token_id>& prompt() {
  static const std::vector<token_id> tokens = [] {
    std::vector<token_id> made(prompt_tokens);
    std::iota(made.begin(), made.end(), 1U);
    return made;
  }();
  return tokens;
}

void one_hash(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(derive_key({}, prompt()));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(prompt_tokens * sizeof(token_id)));
}
BENCHMARK(one_hash)->Unit(benchmark::kMicrosecond);

/// The least of many runs: what the work takes when nobody disturbs it.
template <class F>
double least_seconds(F work) {
  double least = 1e9;
  for (int i = 0; i < 200; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work();
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return least;
}

void all_prefix_keys(benchmark::State& state) {
  const prefix_probes probes{.stride_tokens = static_cast<std::size_t>(state.range(0)), .min_tokens = 0};
  const auto lengths = *probe_lengths(prompt_tokens, probes);
  const auto keys = [&] { benchmark::DoNotOptimize(prefix_keys({}, prompt(), lengths)); };
  for (auto _ : state) keys();

  const double hash_s = least_seconds([] { benchmark::DoNotOptimize(derive_key({}, prompt())); });
  const double keys_s = least_seconds(keys);
  const double compression_s = hash_s * block_bytes / (prompt_tokens * sizeof(token_id));
  const double compressions = probes.stride_tokens < 256 ? static_cast<double>(lengths.size()) : 0;
  state.counters["probes"] = static_cast<double>(lengths.size());
  state.counters["hashes"] = keys_s / hash_s;
  state.counters["of_bound"] = keys_s / (1.2 * hash_s + compressions * compression_s);
}
BENCHMARK(all_prefix_keys)->Arg(1)->Arg(64)->Arg(256)->Arg(2048)->Unit(benchmark::kMicrosecond);

constexpr std::int64_t in_cache = std::int64_t{64} << 10;
constexpr std::int64_t in_memory = std::int64_t{256} << 20;

void checksum(benchmark::State& state) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(crc32c_of(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(in_cache)->Arg(in_memory);

void copy(benchmark::State& state) {
  const std::vector<std::byte> from(static_cast<std::size_t>(state.range(0)), std::byte{7});
  std::vector<std::byte> into(from.size(), std::byte{1});
  for (auto _ : state) {
    std::memcpy(into.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copy)->Arg(in_cache)->Arg(in_memory);

}  // namespace

BENCHMARK_MAIN();

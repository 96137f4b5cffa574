// The reservation table on threads: what a reader without the lock pays, and what a claim costs.
//
// The peer is what one would write first: a `std::unordered_map` behind a `std::shared_mutex`, with the same rows.
#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <benchmark/benchmark.h>

namespace {

using namespace wavetank;

constexpr std::size_t rows = 4096;

class no_files final : public file_keeper {
 public:
  io_result<file_sight> adopt(const cache_key&, cache_tier, const std::string&) override { return no_file{}; }
  io_result<std::uint64_t> remove(cache_tier, const std::string&) override { return std::uint64_t{1}; }
  void record_use(const std::string&, std::uint32_t, std::uint64_t) override {}
};

/// As SHA-256 would have it: all bits of every number are mixed.
cache_key key_of(std::uint64_t n) {
  cache_key key;
  for (std::size_t i = 0; i < 4; ++i) {
    n = (n ^ (n >> 31)) * 0x9E3779B97F4A7C15u + 0xD1B54A32D192ED03u;
    std::memcpy(key.bytes.data() + 8 * i, &n, sizeof n);
  }
  return key;
}

row_content content_of(cache_tier tier, const cache_key& key) {
  row_content content;
  content.size_bytes = 1 << 20;
  content.tokens = std::make_shared<std::vector<token_id>>(2048);
  if (has_files(tier)) {
    content.path = "/var/cache/wavetank/" + to_hex(key) + ".kvc";
  } else {
    content.bytes = std::make_shared<std::vector<std::byte>>(1);
  }
  return content;
}

struct ours {
  explicit ours(cache_tier tier) {
    for (std::uint64_t n = 0; n < rows; ++n) {
      if (!table.insert_available(key_of(n), tier, content_of(tier, key_of(n)))) std::abort();
    }
  }
  std::optional<cached_row> lookup(const cache_key& key) { return table.lookup_exact(key); }

  thread_runtime world;
  no_files files;
  reservation_table<thread_runtime> table{world, files};
};

struct shared_lock_peer {
  explicit shared_lock_peer(cache_tier tier) {
    for (std::uint64_t n = 0; n < rows; ++n) all[key_of(n)] = {key_of(n), tier, n, 0, content_of(tier, key_of(n))};
  }
  std::optional<cached_row> lookup(const cache_key& key) {
    const std::shared_lock lock{mutex};
    const auto found = all.find(key);
    return found != all.end() ? std::optional{found->second} : std::nullopt;
  }

  std::shared_mutex mutex;
  std::unordered_map<cache_key, cached_row> all;
};

template <class Table>
Table& of_disk() {
  static Table table{cache_tier::disk};
  return table;
}

std::vector<cache_key> keys() {
  std::vector<cache_key> all;
  for (std::uint64_t n = 0; n < rows; ++n) all.push_back(key_of(n));
  return all;
}

template <class Table>
void lookup_exact(benchmark::State& state) {
  auto& table = of_disk<Table>();
  const auto all = keys();
  std::size_t at = static_cast<std::size_t>(state.thread_index()) * 17;
  for (auto _ : state) {
    const auto row = table.lookup(all[at++ % rows]);
    if (!row) std::abort();
    auto generation = row->generation;
    benchmark::DoNotOptimize(generation);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(lookup_exact<ours>)->ThreadRange(1, 2)->UseRealTime();
BENCHMARK(lookup_exact<shared_lock_peer>)->ThreadRange(1, 2)->UseRealTime();

void contains(benchmark::State& state) {
  auto& table = of_disk<ours>().table;
  const auto all = keys();
  std::size_t at = static_cast<std::size_t>(state.thread_index()) * 17;
  for (auto _ : state) {
    if (!table.contains(all[at++ % rows])) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(contains)->ThreadRange(1, 2)->UseRealTime();

void checkout_and_checkin(benchmark::State& state) {
  ours all{static_cast<cache_tier>(state.range(0))};
  const auto which = keys();
  state.SetLabel(std::string{to_string(static_cast<cache_tier>(state.range(0)))});
  std::size_t at = 0;
  for (auto _ : state) {
    auto claim = all.table.checkout(which[at++ % rows]);
    if (!claim) std::abort();
    auto size_bytes = claim->content().size_bytes;
    benchmark::DoNotOptimize(size_bytes);
    claim->check_in();
  }
}
BENCHMARK(checkout_and_checkin)->DenseRange(0, 2);

}  // namespace

BENCHMARK_MAIN();

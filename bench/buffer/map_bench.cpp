// Puts to a map that is processed every 1 or 10 ms by a processor that does nothing, beside a map of 16 shards with a
// spinlock each that a consumer swaps, and TBB's. Keys of 8 bytes out of 100 000, at random.
#include "consumer.h"
#include "spinlock.h"

#include <wavetank/impl/buffer/partitioned_buffer.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include <benchmark/benchmark.h>
#include <tbb/concurrent_hash_map.h>

namespace wavetank::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t keys = 100'000;
constexpr std::size_t shards = 16;

class double_buffer_map {
 public:
  explicit double_buffer_map(milliseconds interval) {
    buffer::processor to;
    to.batch = [](auto batch, const auto&) { benchmark::DoNotOptimize(batch.data()); };
    made_ = std::move(*buffer::make(
        world_, to,
        {.partitions = 1,
         .each = {.processing_interval = interval, .processing_batch_size = batch_size, .shards = shards}}));
  }
  void put(std::uint64_t key, std::uint64_t value) {
    if (!made_->put(key, value)) std::abort();
  }
  /// What was put is delivered or superseded.
  std::uint64_t accounted() {
    made_->stop();
    const auto counts = made_->counts();
    if (!counts.balanced()) std::abort();
    return counts.delivered + counts.superseded;
  }
  static constexpr const char* name = "double_buffer_map";

 private:
  using buffer = partitioned_buffer<thread_runtime, hash_map_table<std::uint64_t, std::uint64_t>>;
  thread_runtime world_;
  std::unique_ptr<buffer> made_;
};

class spinlocked_maps {
 public:
  explicit spinlocked_maps(milliseconds interval)
      : drain_(std::make_unique<consumer<std::function<void()>>>(interval, [this] { drain(); })) {}
  void put(std::uint64_t key, std::uint64_t value) {
    const std::uint64_t hash = stable_hash<std::uint64_t>{}(key);
    slot& mine = slots_[hash % shards];
    mine.lock.lock();
    ++mine.puts;
    mine.entries.insert_or_assign(key, value);
    mine.lock.unlock();
  }
  std::uint64_t accounted() {
    drain_.reset();
    return puts_;
  }
  static constexpr const char* name = "spinlocked_maps";

 private:
  struct alignas(64) slot {
    spinlock lock;
    std::uint64_t puts = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> entries;
    alignas(64) std::unordered_map<std::uint64_t, std::uint64_t> spare;
  };
  void drain() {
    for (slot& each : slots_) {
      each.lock.lock();
      each.entries.swap(each.spare);
      puts_ += std::exchange(each.puts, 0);
      each.lock.unlock();
      for (auto& entry : each.spare) benchmark::DoNotOptimize(entry.second);
      each.spare.clear();
    }
  }
  std::array<slot, shards> slots_;
  std::uint64_t puts_ = 0;
  std::unique_ptr<consumer<std::function<void()>>> drain_;
};

/// Never drained, which spares it the insertions: TBB's map cannot be swapped under its writers.
class tbb_map {
 public:
  explicit tbb_map(milliseconds) {}
  void put(std::uint64_t key, std::uint64_t value) {
    decltype(map_)::accessor at;
    map_.insert(at, key);
    at->second = value;
    puts_.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t accounted() { return puts_; }
  static constexpr const char* name = "tbb_concurrent_hash_map";

 private:
  tbb::concurrent_hash_map<std::uint64_t, std::uint64_t> map_;
  std::atomic<std::uint64_t> puts_{0};
};

template <class Map>
std::unique_ptr<Map> subject;
std::atomic<std::uint64_t> put_in_all;

template <class Map>
void make(const benchmark::State& state) {
  subject<Map> = std::make_unique<Map>(milliseconds{state.range(0)});
}

template <class Map>
void map_put(benchmark::State& state) {
  Map& map = *subject<Map>;
  if (state.thread_index() == 0) put_in_all = 0;
  std::uint64_t draw = static_cast<std::uint64_t>(state.thread_index()) + 1;
  std::uint64_t n = 0;
  for (auto _ : state) {
    draw = draw * 6364136223846793005U + 1442695040888963407U;
    map.put((draw >> 33U) % keys, n++);
  }
  put_in_all += n;
  state.SetItemsProcessed(state.iterations());
}

template <class Map>
void judge(const benchmark::State&) {
  require_all(Map::name, put_in_all, subject<Map>->accounted());
  subject<Map>.reset();
}

#define WAVETANK_MAP_BENCH(MAP) \
  BENCHMARK(map_put<MAP>)       \
      ->Setup(make<MAP>)        \
      ->Teardown(judge<MAP>)    \
      ->ArgName("interval_ms")  \
      ->Arg(1)                  \
      ->Arg(10)                 \
      ->Threads(1)              \
      ->Threads(2)              \
      ->Threads(4)              \
      ->UseRealTime()
WAVETANK_MAP_BENCH(double_buffer_map);
WAVETANK_MAP_BENCH(spinlocked_maps);
WAVETANK_MAP_BENCH(tbb_map);

}  // namespace
}  // namespace wavetank::bench

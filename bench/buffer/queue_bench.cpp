// Puts to a queue that is processed every 1 or 10 ms by a processor that does nothing, beside its peers: so many
// producers, numbers of 8 bytes, batches of up to 1024. Every run ends with the proof that nothing was dropped.
#include "consumer.h"
#include "spinlock.h"

#include <wavetank/impl/buffer/partitioned_buffer.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <benchmark/benchmark.h>
#include <concurrentqueue/concurrentqueue.h>
#include <tbb/concurrent_queue.h>

namespace wavetank::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_producers = 8;

/// The buffer, with its defaults but for the interval and the size of batches.
class double_buffer {
 public:
  explicit double_buffer(milliseconds interval) {
    buffer::processor to;
    to.batch = [this](auto batch, const auto&) {
      benchmark::DoNotOptimize(batch.data());
      processed_ += batch.size();
    };
    made_ = std::move(*buffer::make(
        world_, to, {.partitions = 1, .each = {.processing_interval = interval, .processing_batch_size = batch_size}}));
  }
  void put(std::size_t, std::uint64_t record) {
    if (!made_->put(record)) std::abort();
  }
  std::uint64_t processed() {
    made_->stop();
    if (const auto counts = made_->counts(); !counts.balanced() || counts.delivered != processed_) std::abort();
    return processed_;
  }
  static constexpr const char* name = "double_buffer";
  using writer_type = partition_writer<thread_runtime, queue_table<std::uint64_t>>;
  writer_type writer() { return made_->writer(); }

 private:
  using buffer = partitioned_buffer<thread_runtime, queue_table<std::uint64_t>>;
  thread_runtime world_;
  std::uint64_t processed_ = 0;
  std::unique_ptr<buffer> made_;
};

/// The same; each producer puts through a writer of its own.
class double_buffer_writers {
 public:
  explicit double_buffer_writers(milliseconds interval) : buffer_(interval) {
    for (auto& each : writers_) each.its.emplace(buffer_.writer());
  }
  void put(std::size_t producer, std::uint64_t record) {
    if (!writers_[producer].its->put(record)) std::abort();
  }
  std::uint64_t processed() { return buffer_.processed(); }
  static constexpr const char* name = "double_buffer_writers";

 private:
  struct alignas(64) slot {
    std::optional<double_buffer::writer_type> its;
  };
  double_buffer buffer_;
  std::array<slot, most_producers> writers_;
};

/// moodycamel::ConcurrentQueue without tokens, drained in bulk.
class moodycamel_queue {
 public:
  explicit moodycamel_queue(milliseconds interval)
      : drain_(std::make_unique<consumer<std::function<void()>>>(interval, [this] { drain(); })) {}
  void put(std::size_t, std::uint64_t record) { queue_.enqueue(record); }
  std::uint64_t processed() {
    drain_.reset();
    return processed_;
  }
  static constexpr const char* name = "moodycamel";

 private:
  void drain() {
    while (const std::size_t n = queue_.try_dequeue_bulk(batch_.data(), batch_.size())) {
      benchmark::DoNotOptimize(batch_.data());
      processed_ += n;
    }
  }
  moodycamel::ConcurrentQueue<std::uint64_t> queue_;
  std::array<std::uint64_t, batch_size> batch_{};
  std::uint64_t processed_ = 0;
  std::unique_ptr<consumer<std::function<void()>>> drain_;
};

/// A spinlock and a vector for each producer; the consumer swaps each with a spare one.
class spinlock_vectors {
 public:
  explicit spinlock_vectors(milliseconds interval)
      : drain_(std::make_unique<consumer<std::function<void()>>>(interval, [this] { drain(); })) {}
  void put(std::size_t producer, std::uint64_t record) {
    slot& mine = slots_[producer];
    mine.lock.lock();
    mine.records.push_back(record);
    mine.lock.unlock();
  }
  std::uint64_t processed() {
    drain_.reset();
    return processed_;
  }
  static constexpr const char* name = "spinlock_vectors";

 private:
  struct alignas(64) slot {
    spinlock lock;
    std::vector<std::uint64_t> records;
    alignas(64) std::vector<std::uint64_t> spare;
  };
  void drain() {
    for (slot& each : slots_) {
      each.lock.lock();
      each.records.swap(each.spare);
      each.lock.unlock();
      for (std::size_t at = 0; at < each.spare.size(); at += batch_size) {
        benchmark::DoNotOptimize(each.spare.data() + at);
        processed_ += std::min(batch_size, each.spare.size() - at);
      }
      each.spare.clear();
    }
  }
  std::array<slot, most_producers> slots_;
  std::uint64_t processed_ = 0;
  std::unique_ptr<consumer<std::function<void()>>> drain_;
};

/// The batch processor of OpenTelemetry's kind: one mutex, one ring; full, it waits instead of dropping, and wakes the
/// consumer, as it does at `WakeAt` records.
template <std::size_t Capacity, std::size_t WakeAt>
class mutex_ring {
 public:
  explicit mutex_ring(milliseconds interval) : thread_([this, interval] { run(interval); }) {}
  void put(std::size_t, std::uint64_t record) {
    std::unique_lock lock{mutex_};
    while (size_ == ring_.size()) {
      full_.notify_one();
      room_.wait(lock);
    }
    ring_[(first_ + size_++) % ring_.size()] = record;
    if (size_ == WakeAt) full_.notify_one();
  }
  std::uint64_t processed() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    full_.notify_one();
    thread_.join();
    return processed_;
  }
  static constexpr const char* name = "mutex_ring";

 private:
  void run(milliseconds interval) {
    std::vector<std::uint64_t> batch;
    std::unique_lock lock{mutex_};
    for (;;) {
      full_.wait_for(lock, interval, [this] { return stopping_ || size_ >= WakeAt; });
      while (size_ != 0) {
        batch.clear();
        for (; size_ != 0 && batch.size() < batch_size; --size_, first_ = (first_ + 1) % ring_.size()) {
          batch.push_back(ring_[first_]);
        }
        room_.notify_all();
        lock.unlock();
        benchmark::DoNotOptimize(batch.data());
        processed_ += batch.size();
        lock.lock();
      }
      if (stopping_) return;
    }
  }
  std::mutex mutex_;
  std::condition_variable full_;
  std::condition_variable room_;
  std::vector<std::uint64_t> ring_ = std::vector<std::uint64_t>(Capacity);
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  bool stopping_ = false;
  std::uint64_t processed_ = 0;
  std::thread thread_;
};

/// The sizes that OpenTelemetry's specification gives its batch processor: 2048 records, exported by 512.
using mutex_ring_as_specified = mutex_ring<2048, 512>;
/// A kinder one, which one producer seldom fills.
using large_mutex_ring = mutex_ring<(std::size_t{1} << 16U), (std::size_t{1} << 15U)>;

class tbb_queue {
 public:
  explicit tbb_queue(milliseconds interval)
      : drain_(std::make_unique<consumer<std::function<void()>>>(interval, [this] { drain(); })) {}
  void put(std::size_t, std::uint64_t record) { queue_.push(record); }
  std::uint64_t processed() {
    drain_.reset();
    return processed_;
  }
  static constexpr const char* name = "tbb_concurrent_queue";

 private:
  void drain() {
    for (std::uint64_t record = 0; queue_.try_pop(record); ++processed_) benchmark::DoNotOptimize(record);
  }
  tbb::concurrent_queue<std::uint64_t> queue_;
  std::uint64_t processed_ = 0;
  std::unique_ptr<consumer<std::function<void()>>> drain_;
};

template <class Queue>
std::unique_ptr<Queue> subject;

template <class Queue>
void make(const benchmark::State& state) {
  subject<Queue> = std::make_unique<Queue>(milliseconds{state.range(0)});
}
template <class Queue>
void destroy(const benchmark::State&) {
  subject<Queue>.reset();
}

std::atomic<std::uint64_t> put_in_all;

template <class Queue>
void queue_put(benchmark::State& state) {
  Queue& queue = *subject<Queue>;
  const auto producer = static_cast<std::size_t>(state.thread_index());
  if (producer == 0) put_in_all = 0;
  std::uint64_t n = 0;
  for (auto _ : state) queue.put(producer, n++);
  put_in_all += n;
  state.SetItemsProcessed(state.iterations());
}
template <class Queue>
void judge(const benchmark::State& state) {
  require_all(Queue::name, put_in_all, subject<Queue>->processed());
  destroy<Queue>(state);
}

#define WAVETANK_QUEUE_BENCH(QUEUE) \
  BENCHMARK(queue_put<QUEUE>)       \
      ->Setup(make<QUEUE>)          \
      ->Teardown(judge<QUEUE>)      \
      ->ArgName("interval_ms")      \
      ->Arg(1)                      \
      ->Arg(10)                     \
      ->Threads(1)                  \
      ->Threads(2)                  \
      ->Threads(4)                  \
      ->UseRealTime()
WAVETANK_QUEUE_BENCH(double_buffer);
WAVETANK_QUEUE_BENCH(double_buffer_writers);
WAVETANK_QUEUE_BENCH(moodycamel_queue);
WAVETANK_QUEUE_BENCH(spinlock_vectors);
WAVETANK_QUEUE_BENCH(large_mutex_ring);
WAVETANK_QUEUE_BENCH(mutex_ring_as_specified);
WAVETANK_QUEUE_BENCH(tbb_queue);

}  // namespace
}  // namespace wavetank::bench

// The write path beside what it cannot beat: a bare loop of write and fdatasync of the same bytes.
//
// `synced_writes` is the batcher on the log with so many writers (rocksdb_bench.cpp is its peer) and one commit in
// flight or two, `synced_writes_of_two_kinds` the same where half of them have a window; `direct_writes` are its direct
// route, whose syncs are shared by the log alone; `bare_loop` one writer without any of it. All in the directory for
// temporary files. `in_memory` is the batcher's direct route and its slots on a backend that does nothing.
#include <wavetank/impl/batch/log_backend.h>
#include <wavetank/impl/batch/window_batcher.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include "synced_writes.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <benchmark/benchmark.h>

namespace {

using namespace wavetank;
using namespace wavetank::bench_batch;

thread_runtime& world() {
  static thread_runtime threads;
  return threads;
}

void bare_loop(benchmark::State& state) {
  const temporary_directory directory;
  const int file = ::open((directory.path() + "/f").c_str(), O_CREAT | O_RDWR, 0600);
  const std::int64_t items = state.range(0);
  const std::string bytes(static_cast<std::size_t>(items) * (item_bytes + item_length_bytes) + frame_header_bytes + 4,
                          'x');
  write_times times;
  times.measure(state, items, [&] {
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) std::abort();
  });
  ::close(file);
}
BENCHMARK(bare_loop)->ArgName("items")->Arg(1)->Arg(16)->UseRealTime()->Unit(benchmark::kMicrosecond);

/// Everything that the threads of one run share.
struct stack {
  using backend_type = log_backend<thread_runtime, posix_file_system>;
  using batcher_type = window_batcher<thread_runtime, backend_type>;
  temporary_directory directory;
  posix_file_system files;
  backend_type backend;
  std::unique_ptr<batcher_type> batcher;
  write_times times;
  explicit stack(std::uint32_t commits_in_flight) {
    auto log = backend_type::log_type::open(world(), files, directory.path(), {}, [](auto, const auto&) {});
    if (!log) std::abort();
    backend.add(0, std::move(*log));
    batch_options options;
    options.max_commits_in_flight = commits_in_flight;
    batcher = std::make_unique<batcher_type>(world(), backend, std::vector<shard_number>{0}, options);
  }
};

std::unique_ptr<stack> shared_stack;
/// Before the threads begin: they do not wait for each other until they measure.
void open_log(const benchmark::State& state) {
  shared_stack = std::make_unique<stack>(static_cast<std::uint32_t>(state.range(0)));
}
void close_and_remove(const benchmark::State&) { shared_stack.reset(); }

template <class Write>
void measure(benchmark::State& state, std::int64_t items, Write&& write) {
  shared_stack->times.measure(state, items, [&] {
    if (!write(*shared_stack->batcher, std::vector<std::byte>(item_bytes))) std::abort();
  });
}

/// A write is of so many items, which are answered together.
void synced_writes(benchmark::State& state) {
  const std::int64_t items = state.range(1);
  measure(state, items, [items](auto& b, std::vector<std::byte> item) {
    std::vector<std::vector<std::byte>> all(static_cast<std::size_t>(items - 1), item);
    all.push_back(std::move(item));
    return b.write_batch(0, stack::batcher_type::batch_kind::generic, std::move(all)).has_value();
  });
}
BENCHMARK(synced_writes)
    ->Setup(open_log)
    ->Teardown(close_and_remove)
    ->ArgNames({"in_flight", "items"})
    ->ArgsProduct({{1, 2}, {1, 16}})
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

/// Every second thread writes puts: they have a slot and a window of their own.
void synced_writes_of_two_kinds(benchmark::State& state) {
  using kind = stack::batcher_type::batch_kind;
  const auto mine = state.thread_index() % 2 == 0 ? kind::generic : kind::put;
  measure(state, 1, [mine](auto& b, std::vector<std::byte> item) {
    return b.write_batch(0, mine, {std::move(item)}).has_value();
  });
}
BENCHMARK(synced_writes_of_two_kinds)
    ->Setup(open_log)
    ->Teardown(close_and_remove)
    ->ArgName("in_flight")
    ->Arg(1)
    ->Arg(2)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

void direct_writes(benchmark::State& state) {
  measure(state, 1, [](auto& b, std::vector<std::byte> item) { return b.write(0, "a", std::move(item)).has_value(); });
}
BENCHMARK(direct_writes)
    ->Setup(open_log)
    ->Teardown(close_and_remove)
    ->ArgName("in_flight")
    ->Arg(1)
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

struct nothing_backend {
  using command = std::uint64_t;
  using result = std::uint64_t;
  tl::expected<std::vector<result>, commit_error> commit(shard_number, std::span<const command> batch) {
    return std::vector<result>(batch.begin(), batch.end());
  }
  std::uint64_t bytes_of(command) const noexcept { return sizeof(command); }
};

using memory_batcher = window_batcher<thread_runtime, nothing_backend>;

memory_batcher& in_memory() {
  static nothing_backend backend;
  static memory_batcher made{world(), backend, {0}};
  return made;
}

void in_memory_direct(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(in_memory().write(0, "a", 1));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(in_memory_direct)->Threads(1)->Threads(2)->UseRealTime();

void in_memory_batches(benchmark::State& state) {
  const auto items = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        in_memory().write_batch(0, memory_batcher::batch_kind::generic, std::vector<std::uint64_t>(items)));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}
BENCHMARK(in_memory_batches)->Arg(1)->Arg(16)->Arg(64)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

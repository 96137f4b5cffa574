// The peer of the batcher on its log: RocksDB's write group with a sync for each group.
//
// All that is not the log is made as small as its options allow: a memtable that appends and is never flushed, no
// compaction, no compression, no statistics.
#include <wavetank/tests/disk/temporary_directory.h>

#include "synced_writes.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include <rocksdb/db.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/write_batch.h>

#include <benchmark/benchmark.h>

namespace {

using namespace wavetank::bench_batch;

rocksdb::Options log_only() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.disable_auto_compactions = true;
  options.write_buffer_size = std::size_t{4} << 30U;
  options.max_total_wal_size = std::size_t{256} << 20U;  // what it allocates ahead on the disk
  options.memtable_factory = std::make_shared<rocksdb::VectorRepFactory>();
  options.allow_concurrent_memtable_write = false;  // that memtable's condition
  options.avoid_flush_during_shutdown = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

/// Everything that the threads of one run share.
struct stack {
  wavetank::temporary_directory directory;
  std::unique_ptr<rocksdb::DB> db;
  write_times times;
  stack() {
    rocksdb::DB* opened = nullptr;
    if (!rocksdb::DB::Open(log_only(), directory.path(), &opened).ok()) std::abort();
    db.reset(opened);
  }
};

std::unique_ptr<stack> shared_stack;

void rocksdb_synced_writes(benchmark::State& state) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value(item_bytes - sizeof(std::uint64_t), 'x');
  std::string key(sizeof(std::uint64_t), static_cast<char>(state.thread_index()));
  const std::int64_t items = state.range(0);
  shared_stack->times.measure(state, items, [&] {
    rocksdb::WriteBatch all;
    for (std::int64_t i = 0; i < items; ++i) {
      if (!all.Put(key, value).ok()) std::abort();
    }
    if (!shared_stack->db->Write(synced, &all).ok()) std::abort();
  });
}
void open_database(const benchmark::State&) { shared_stack = std::make_unique<stack>(); }
/// Not at the program's end, when RocksDB's own statics may be gone.
void close_and_remove(const benchmark::State&) { shared_stack.reset(); }
BENCHMARK(rocksdb_synced_writes)
    ->Setup(open_database)
    ->Teardown(close_and_remove)
    ->ArgName("items")
    ->Arg(1)
    ->Arg(16)
    ->Threads(1)
    ->Threads(8)
    ->Threads(64)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace

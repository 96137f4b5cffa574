// Runs a program of puts, leases, flushes and a stop on a partition of queues, and judges it step by step beside the
// model of the swap.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/props/buffer/swap_record.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/program/watched_runtime.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class swap_setting : std::uint32_t { shards, batch, again, threshold, bound, wait, end };
enum class swap_verb : std::uint32_t { put, hold, flush, sleep, plan, stop, halt };

vocabulary swap_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

/// A queue that goes by its records' producers, and tells what is written to it.
class watched_table : public queue_table<buffer_record> {
  using base = queue_table<buffer_record>;

 public:
  static watched_table make(const options& how, std::size_t shards) { return watched_table{base::make(how, shards)}; }
  static std::size_t shard_of(const keyed_record& one, std::size_t shards) { return one.record.producer % shards; }

  template <class Lease>
  void insert(Lease& lease, keyed_record&& one) {
    const std::uint64_t number = one.record.number;
    base::insert(lease, keyed_record(one));
    swap_record::current->inserted(number);
  }

 private:
  explicit watched_table(base&& one) : base(std::move(one)) {}
};

class swap_run {
 public:
  using partition = double_buffer_partition<watched_runtime, watched_table>;

  swap_run(sim::world& w, const program& p);

  /// Main does the prefix, then a task for each branch; then what the program's end says.
  void run();

 private:
  std::uint64_t setting(swap_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }
  swap_record::terms terms() const;
  partition_options options() const;

  void perform(std::uint64_t task, const step& s);
  void put(std::uint64_t producer);
  void hold(std::uint64_t records, std::uint64_t shard, std::uint64_t stall);
  void flush(sim::time_point deadline);
  void stop(sim::time_point deadline);
  void end();
  void process(const buffer_ledger::numbers& batch);
  void carry_out(processor_plan how);

  sim::world& world_;
  const program& what_;
  watched_runtime runtime_;
  swap_record record_;
  std::map<std::uint64_t, processor_plan> plans_;  ///< by call
  std::uint64_t calls_ = 0;
  std::uint64_t records_ = 0;
  std::unique_ptr<partition> owner_;
  partition* partition_ = nullptr;  ///< also for the processor, while its partition is being destroyed
};

}  // namespace wavetank::props

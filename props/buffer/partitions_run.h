// Runs a program of puts, pushes, flushes, updates and stops on a buffer of several partitions under one bound, with a
// processor that fails as planned. Each partition has a ledger of its own; the bound is judged over all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/buffer/landmark_listener.h>
#include <wavetank/props/buffer/planned_processor.h>
#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// After the settings of queues (their bound is here that of the whole buffer).
inline constexpr std::size_t partitions_setting = 7;
enum class partitions_verb : std::uint32_t { put, push, flush, sleep, plan, update, stop };

/// The verbs, for programs of `least` to `most` tasks with about so many steps each.
vocabulary partitions_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

class partitions_run {
 public:
  partitions_run(sim::world& w, const program& p);

  /// Main does the prefix, then a task for each branch; then what the program's end says, and the judgement.
  void run();

 private:
  using table = queue_table<buffer_record>;
  using buffer = partitioned_buffer<sim::runtime, table>;
  using context = planned_processor::context;
  using operands = decltype(step{}.operands);
  using numbers = buffer_ledger::numbers;
  /// What is put at once, by partition.
  using shares = std::vector<numbers>;

  buffer_options options_of(partition_options each) const;
  static batch_processor<sim::runtime, table> processor_of(partitions_run& run);
  static std::size_t partition_of(const buffer_record& one, std::size_t partitions);
  std::size_t partition_of(const buffer_record& one) const { return partition_of(one, ledgers_.size()); }
  std::uint64_t producer_of(std::uint64_t task, std::size_t partition) const;

  void perform(std::uint64_t task, const step& s);
  void put(std::uint64_t task, std::size_t to, std::uint64_t count, std::uint64_t within_ms);
  void push(std::uint64_t task, const operands& o);
  void flush(std::uint64_t within_ms);
  void update(const operands& o);
  void stop(sim::time_point deadline);
  void end();
  void judge();

  numbers numbers_in(std::size_t partition, std::span<const buffer_record> records) const;
  void process(std::span<const buffer_record> batch, const context& c);
  void dead_letters(std::span<const buffer_record> batch);
  template <class Put>
  void put_in(const shares& mine, Put&& how);
  void answered(const shares& mine, const tl::expected<void, put_error>& said);
  void check_bound(const shares& mine) const;

  sim::world& world_;
  const program& what_;
  std::vector<buffer_ledger> ledgers_;  ///< by partition
  landmark_listener listener_{ledgers_};
  planned_processor processor_;
  std::uint64_t at_work_ = 0;  ///< calls of the processor
  std::unique_ptr<buffer> owner_;
  buffer* buffer_ = nullptr;  ///< also for the processor, while the buffer is being destroyed
};

}  // namespace wavetank::props

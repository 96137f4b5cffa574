// Runs a program of puts, leases, flushes and stops on a partition of queues, with a processor that fails as planned.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/props/buffer/buffer_ledger.h>
#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/props/buffer/landmark_listener.h>
#include <wavetank/props/buffer/planned_processor.h>
#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// `queue_words`, and whether each task puts through a writer of its own.
vocabulary queue_run_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps);

class queue_run {
 public:
  using table = queue_table<buffer_record>;
  using partition = double_buffer_partition<sim::runtime, table>;

  queue_run(sim::world& w, const program& p);

  /// Main does the prefix, then a task for each branch; then what the program's end says, and the judgement.
  void run();

 private:
  using context = planned_processor::context;
  using operands = decltype(step{}.operands);

  std::uint64_t setting(queue_setting which) const { return what_.settings[static_cast<std::size_t>(which)]; }

  void perform(std::uint64_t task, const step& s);
  void put(std::uint64_t producer, std::uint64_t count, std::uint64_t within_ms);
  template <class Record>
  tl::expected<void, put_error> put_as(std::uint64_t producer, Record record, sim::time_point until);
  void hold(std::uint64_t task, const operands& o);
  void flush(std::uint64_t within_ms);
  void stop(sim::time_point deadline);
  void update(const operands& o);
  void end();

  sim::world& world_;
  const program& what_;
  buffer_ledger ledger_;
  landmark_listener listener_{std::span{&ledger_, 1}};
  planned_processor processor_;
  std::map<std::uint64_t, partition_writer<sim::runtime, table>> writers_;  ///< by producer
  std::unique_ptr<partition> owner_;
  partition* partition_ = nullptr;  ///< also for the processor, while its partition is being destroyed
};

}  // namespace wavetank::props

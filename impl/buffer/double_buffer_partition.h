// One partition: writers fill its current table while a task hands the one before it to the user's processor.
//
// On a tick of the interval, or when the table has reached the threshold, the partition publishes a fresh table and
// hands the old one over. Writers never wait for the processor. It promises: what a put accepted is delivered, failed,
// dropped by policy, given back by `stop`, or still here, and counted as exactly one of them; tables are processed one
// at a time, in the order of their generations; at most one call of the processor is under way, whatever dies or hangs;
// a writer that stalls half-way holds up nobody's processing: its shard follows with a later table, and what was
// written to that shard after it waits for it.
//
// A shard is written by one task at a time: a writer that stalls holds up other writers of its own shard until the next
// swap, and there is none while the table looks empty or another one is being processed. Of records it knows nothing:
// table kinds (table_kind.h) do. Two tasks belong to it, `partition` (timers, time-outs, swaps) and `processing`; each
// is replaced when it dies.
#pragma once

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/partition_core.h>
#include <wavetank/impl/buffer/partition_writer.h>
#include <wavetank/impl/buffer/put_error.h>
#include <wavetank/impl/buffer/stop_report.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/buffer/table_lease.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank {

/// All members may be called by any task at any time, but for construction and destruction. Runtime, listener and
/// whatever the processor refers to must outlive it.
template <runtime R, table_kind Table>
class double_buffer_partition {
  using core_type = buffer_detail::partition_core<R, Table>;

 public:
  using entry = typename Table::entry;
  using time_point = typename R::time_point;
  using processor = batch_processor<R, Table>;
  using report = stop_report<entry>;
  using lease = table_lease<R, Table>;
  static constexpr time_point no_deadline = time_point::max();

  /// The partition, running, or the option that is out of range. `index` is its name in contexts and telemetry.
  static tl::expected<std::unique_ptr<double_buffer_partition>, option_error> make(R& world, processor to,
                                                                                   partition_options options = {},
                                                                                   typename Table::options table = {},
                                                                                   buffer_listener* listener = nullptr,
                                                                                   std::size_t index = 0) {
    if (auto fault = core_type::check(options, to); !fault) return tl::make_unexpected(std::move(fault.error()));
    auto core = std::make_shared<core_type>(world, std::move(to), options, std::move(table), listener, index);
    core->start();
    return std::make_unique<double_buffer_partition>(std::move(core));
  }
  /// For `make` and for partitioned_buffer.
  explicit double_buffer_partition(std::shared_ptr<core_type> core) : core_(std::move(core)) {}
  double_buffer_partition(const double_buffer_partition&) = delete;
  double_buffer_partition& operator=(const double_buffer_partition&) = delete;
  /// As `stop` with a deadline that has passed, and what it gives back is destroyed; then waits for the processor to
  /// return. Whoever is in a call must have left.
  ~double_buffer_partition() { core_->destroy(); }

  /// One operation of the table kind: a record, or whatever else `Table::insert` takes. Success: it is accepted, and
  /// the answer is the table's. Waits only under `overflow_policy::block`, at most until `deadline`.
  template <class Record>
  [[gnu::always_inline]] auto put(Record record, time_point deadline = no_deadline) {
    return core_->put(std::move(record), deadline);
  }

  /// For a producer that puts much, of a table kind whose records do not choose their shard (of others a put through it
  /// is as any put).
  partition_writer<R, Table> writer() { return partition_writer<R, Table>{core_}; }

  /// The write lease of the current table, in the shard that belongs to this task or to the one given: valid for one
  /// operation, to be let go at once, and past the bounds. Empty when the partition is closed.
  lease current_table() { return core_->enter(); }
  lease current_table(std::size_t shard) { return core_->enter(shard); }

  std::size_t shard_count() const noexcept { return core_->shard_count(); }
  /// To be called after an operation under a lease that has made the table smaller: writers may wait for room.
  void tell_room() { core_->tell_room(); }

  /// Waits until everything that was accepted before the call is delivered or failed (or dropped). False: the deadline
  /// came first. Concurrent flushes share the work; batches are as large as ever. Must not be called by the processor.
  bool flush(time_point deadline = no_deadline) { return core_->flush(deadline); }

  /// Refuses new puts, waits for the writers that are inside, processes what is left in order, and gives back what is
  /// not processed by the deadline; a call of the processor that is under way then counts as failed. Later calls of
  /// `stop` wait for the first one and report nothing more. Must not be called by the processor.
  report stop(time_point deadline = no_deadline) { return core_->stop(deadline); }

  /// All of it or nothing. The timer keeps its phase; a table that is being processed keeps its options.
  tl::expected<void, option_error> update_options(const partition_options& options) {
    return core_->update_options(options);
  }
  partition_options options() const { return core_->options(); }

  /// Records in the current table, and in all others.
  std::uint64_t buffer_size() const { return core_->buffer_size(); }
  std::uint64_t in_flight_size() const { return core_->in_flight_size(); }
  /// Exact when no operation is under way; while one is, a number may be below that of an earlier call. Waits for no
  /// writer.
  buffer_counts counts() const { return core_->counts(); }
  /// A call of the processor has timed out and not returned.
  bool stuck() const { return core_->stuck(); }

 private:
  std::shared_ptr<core_type> core_;
};

}  // namespace wavetank

// A producer's own way into one partition: what a put would look up each time is looked up once.
#pragma once

#include <wavetank/impl/buffer/partition_core.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <memory>
#include <utility>

namespace wavetank {

/// Has a shard for as long as it lives, one with the fewest writers when it was made. What one writer puts keeps its
/// order; what a task puts beside its writer may overtake it. To be used by one task at a time, and by none while the
/// partition is being destroyed. It may outlive the partition, though not the runtime: its puts are then refused as
/// closed. What the partition was made of lives as long: the user's functions, whose sort key is asked before the
/// refusal, and the processor, which therefore must not own a writer of its own partition.
template <runtime R, table_kind Table>
class partition_writer {
  using core_type = buffer_detail::partition_core<R, Table>;

 public:
  using time_point = typename R::time_point;
  static constexpr time_point no_deadline = time_point::max();

  /// For those who make it: double_buffer_partition and partitioned_buffer.
  explicit partition_writer(std::shared_ptr<core_type> core) : core_(std::move(core)), seat_(core_->take_seat()) {}

  /// As the partition's `put`.
  template <class Record>
  [[gnu::always_inline]] auto put(Record record, time_point deadline = no_deadline) {
    return core_->put(seat_, std::move(record), deadline);
  }

 private:
  std::shared_ptr<core_type> core_;
  typename core_type::seat seat_;
};

}  // namespace wavetank

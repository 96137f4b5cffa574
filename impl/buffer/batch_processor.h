// Whom a partition hands its records to.
#pragma once

#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace wavetank {

/// About one call of the processor.
template <runtime R>
struct processing_context {
  std::size_t partition = 0;
  std::uint64_t generation = 0;  ///< of the table; ascending
  std::uint32_t attempt = 1;     ///< 1: the first call for this batch
  typename R::stop_token stop;   ///< requested when the call has timed out or `stop` has come to its deadline
};

/// Called by the partition's processing task, one call at a time for each partition. A call that returns has delivered
/// the batch. One that throws a `std::exception` has failed; any other exception ends the task, which is then replaced.
/// What the call can see stays alive until it returns, however late that is. It may push to the same buffer: that goes
/// to the next generation.
template <runtime R, class Table>
struct batch_processor {
  using entry = typename Table::entry;
  using context = processing_context<R>;

  /// Batches of up to `processing_batch_size` entries, in the order of the table.
  std::function<void(std::span<const entry>, const context&)> batch;
  /// For `processing_batch_size == whole_table`: the table, which is the processor's for as long as it likes.
  std::function<void(std::shared_ptr<const Table>, const context&)> table;
  /// Of `failure_policy::dead_letter`: what failed. Must not wait for the buffer; what it throws is told as a failure.
  std::function<void(std::span<const entry>)> dead_letter{};
  std::function<void(std::shared_ptr<const Table>)> dead_letter_table{};
};

}  // namespace wavetank

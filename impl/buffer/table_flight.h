// The table that is being processed, batch after batch.
#pragma once

#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/table_frame.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>

namespace wavetank::buffer_detail {

/// Guarded by the partition's mutex; the batch and what it refers to belong to the processing task while it calls, or
/// prepares.
template <runtime R, table_kind Table>
struct table_flight {
  using frame = table_frame<R, Table>;
  using time_point = typename R::time_point;
  using entry = typename Table::entry;

  enum class phase : std::uint8_t {
    needs_batch,
    preparing,  ///< the processing task makes the next batch
    has_batch,  ///< it waits to be processed, for the first time or again
    emptying,   ///< all batches are settled; the processing task clears the table
  };

  frame* table = nullptr;
  partition_options options{};  ///< of when it was handed over
  std::uint64_t number = 0;
  time_point began{};
  phase at = phase::needs_batch;
  typename Table::cursor cursor{};
  std::span<const entry> batch{};
  table_extent batch_extent{};
  std::uint32_t attempt = 1;
  time_point not_before = time_point::min();  ///< of the next call
  table_extent left{};                        ///< not settled
  bool given_back = false;                    ///< `stop` has settled everything

  bool is_whole() const noexcept { return options.processing_batch_size == whole_table; }

  /// The next attempt is due after the back-off: it doubles from attempt to attempt.
  void back_off(time_point now) noexcept {
    auto wait = options.first_backoff;
    for (std::uint32_t i = 1; i < attempt && wait < options.max_backoff; ++i) wait *= 2;
    not_before = now + std::min(wait, options.max_backoff);
    ++attempt;
  }
};

}  // namespace wavetank::buffer_detail

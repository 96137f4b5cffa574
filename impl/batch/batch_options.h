// What a batcher of one shard is told, and what it counts.
#pragma once

#include <wavetank/impl/batch/batch_window.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wavetank {

/// Why a batch went when it did.
enum class commit_reason : std::uint8_t {
  timer,        ///< its window ended
  count,        ///< it reached the limit of items
  bytes,        ///< it reached the limit of bytes
  completion,   ///< the commit before it was done
  flush,        ///< somebody flushed, or stopped
  zero_window,  ///< an item's window was 0
  rollover,     ///< an item did not fit any more
  order,        ///< its submitter wrote elsewhere
  work,         ///< it reached the limit of work
};
inline constexpr std::size_t commit_reasons = 9;

struct batch_options {
  std::uint64_t max_items = 10'000;                   ///< of a slot
  std::uint64_t max_bytes = std::uint64_t{8} << 20U;  ///< of a slot
  std::uint64_t max_work = ~std::uint64_t{0};         ///< of a slot, in the backend's own units (`work_of`)
  std::uint64_t max_pending_items = 100'000;          ///< over all slots, in flight included
  std::uint64_t max_pending_bytes = std::uint64_t{64} << 20U;
  batch_window generic_window = batch_window::natural();
  batch_window put_window{std::chrono::milliseconds{1}};
  batch_window delete_window{std::chrono::milliseconds{1}};
  std::chrono::nanoseconds retry_after{std::chrono::milliseconds{1}};  ///< what `overloaded` advises
};

/// Since the batcher was made.
struct batch_metrics {
  std::array<std::uint64_t, commit_reasons> by_reason{};
  std::uint64_t batches = 0;
  std::uint64_t items = 0;
  std::uint64_t largest_batch = 0;           ///< items
  std::chrono::nanoseconds longest_wait{0};  ///< from the first item of a slot to its commit
};

}  // namespace wavetank

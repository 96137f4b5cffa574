// What a batcher of one shard is told, and what it counts.
#pragma once

#include <wavetank/impl/batch/batch_window.h>
#include <wavetank/impl/option_error.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <tl/expected.hpp>

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
  std::uint64_t max_items = 10'000;                   ///< of a slot; this and the other limits: at least 1
  std::uint64_t max_bytes = std::uint64_t{8} << 20U;  ///< of a slot
  std::uint64_t max_work = ~std::uint64_t{0};         ///< of a slot, in the backend's own units (`work_of`)
  std::uint64_t max_pending_items = 100'000;          ///< over all slots, in flight included; at least a slot's
  std::uint64_t max_pending_bytes = std::uint64_t{64} << 20U;
  /// Of a shard, at least 1. More than 1 takes a `pipelined_backend`. A batch that only a zero window sends waits until
  /// a commit is done, however many may be in flight: a smaller batch behind the same sync would gain nothing.
  std::uint32_t max_commits_in_flight = 1;
  // At most `longest_window`, and of an adaptive one at most `most_percent_of_commit`.
  batch_window generic_window = batch_window::natural();
  batch_window put_window{std::chrono::milliseconds{1}};
  batch_window delete_window{std::chrono::milliseconds{1}};
  std::chrono::nanoseconds retry_after{std::chrono::milliseconds{1}};  ///< what `overloaded` advises
};

/// Whether a batcher can be made with these, over a backend that is a `pipelined_backend` or not.
tl::expected<void, option_error> validate(const batch_options& options, bool pipelined);

/// Since the batcher was made.
struct batch_metrics {
  std::array<std::uint64_t, commit_reasons> by_reason{};
  std::uint64_t batches = 0;
  std::uint64_t items = 0;
  std::uint64_t largest_batch = 0;           ///< items
  std::chrono::nanoseconds longest_wait{0};  ///< from the first item of a slot to its commit
};

}  // namespace wavetank

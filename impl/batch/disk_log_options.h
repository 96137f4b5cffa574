// How large the pieces of a log are.
#pragma once

#include <wavetank/impl/option_error.h>

#include <cstdint>

#include <tl/expected.hpp>

namespace wavetank {

inline constexpr std::uint64_t largest_segment_bytes = std::uint64_t{1} << 32U;  ///< two are in memory in a replay
inline constexpr std::uint64_t largest_batch_bytes = std::uint64_t{1} << 30U;    ///< a frame's length has 32 bits
inline constexpr std::uint64_t largest_reserve_bytes = std::uint64_t{1} << 30U;  ///< they are in memory when written

struct disk_log_options {
  /// A segment that has reached this size gets no more batches. 1 to `largest_segment_bytes`.
  std::uint64_t segment_bytes = std::uint64_t{64} << 20U;
  /// Items with their lengths. 1 to `largest_batch_bytes`.
  std::uint64_t max_batch_bytes = std::uint64_t{16} << 20U;
  /// A segment grows by so many zeros at a time: a sync between two growths writes no metadata of the file, which on a
  /// journalling file system is most of what it does. 0: it grows frame by frame. At most `largest_reserve_bytes`.
  std::uint64_t reserve_bytes = std::uint64_t{1} << 20U;
};

/// Whether a log can be opened with these.
tl::expected<void, option_error> validate(const disk_log_options& options);

}  // namespace wavetank

// The segment that a log writes to, and how far it is known to be durable.
#pragma once

#include <wavetank/impl/batch/log_error.h>
#include <wavetank/impl/batch/segment_writer.h>

#include <cstdint>
#include <optional>

namespace wavetank {

/// Its file stays open for as long as somebody refers to it. A frame is written by one task at a time, and the file is
/// synced by one at a time, which may be another; the other members are guarded by whatever guards the log.
template <file_system F>
struct open_segment {
  segment_writer<F> writer;
  std::uint64_t written = 0;           ///< the last batch whose frame is whole in the file
  std::uint64_t synced = 0;            ///< the last batch that is durable
  bool ended = false;                  ///< a write failed: no more frames, but those before it can still be synced
  std::optional<log_error> failure{};  ///< of a sync: of what is above `synced` nothing will be known

  bool has_unsynced() const noexcept { return !failure && written > synced; }
  bool takes_more(std::uint64_t segment_bytes) const noexcept {
    return !ended && !failure && !writer.is_full(segment_bytes);
  }
};

}  // namespace wavetank

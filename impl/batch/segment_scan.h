// Reads one segment of the log: its frames from the start on, and what can be believed behind damage.
//
// The bytes are untrusted. It answers what is there and judges nothing: whether damage is a torn tail or rot is for who
// knows the other segments (disk_log.h). Time: linear in the bytes. Nothing is thrown but for want of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <wavetank/impl/batch/log_format.h>

namespace wavetank {

/// One whole batch of a segment. The items are spans into the segment's bytes.
struct scanned_frame {
  std::uint64_t offset = 0;
  frame_header header;
  std::span<const std::byte> body;
};

struct segment_scan {
  decoded_segment_header header;
  /// Whole frames without a gap from the segment's beginning, with the sequences that they should have.
  std::vector<scanned_frame> frames;
  std::uint64_t end = 0;              ///< offset behind the last of them
  bool damaged = false;               ///< bytes follow there that are no whole frame
  std::uint64_t synced_sequence = 0;  ///< the highest that any valid header says was synced, also behind the damage
  bool frames_behind_damage = false;  ///< there is a valid frame header behind the damage
};

/// Scans the bytes of the segment of this number. Without a valid segment header there are no `frames`, but what is
/// behind it is looked at.
segment_scan scan_segment(std::span<const std::byte> bytes, std::uint64_t segment);

/// The items of a frame's body; empty unless lengths, number and padding are right.
std::optional<std::vector<std::span<const std::byte>>> items_of(const frame_header& header,
                                                                std::span<const std::byte> body);

}  // namespace wavetank

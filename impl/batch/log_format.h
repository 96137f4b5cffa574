// The bytes of the append-only log: segments, and in them one frame a batch.
//
// A segment is a header and frames, each on a multiple of 8 bytes; all numbers little-endian. A frame holds one batch:
// a header of 48 bytes, then each item as its length (4 bytes) and its bytes, then zeros up to a multiple of 8. The
// header has a checksum of its own, so that it can be believed where the items are damaged. It covers the frame's place
// as well, and the log's identity is a random number: bytes inside an item, or frames that reached another place or
// another log, are never taken for a frame. Checksums are CRC32C.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace wavetank {

inline constexpr std::size_t log_alignment_bytes = 8;
inline constexpr std::size_t segment_header_bytes = 48;
inline constexpr std::size_t frame_header_bytes = 48;
inline constexpr std::size_t item_length_bytes = 4;
inline constexpr std::uint32_t log_format_version = 1;

/// Where a frame stands.
struct frame_place {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;  ///< bytes
  friend bool operator==(const frame_place&, const frame_place&) = default;
};

/// What a segment begins with. Written and synced before the first frame is.
struct segment_header {
  std::uint64_t log_identity = 0;
  std::uint64_t segment = 0;
  std::uint64_t first_sequence = 1;   ///< of its first frame; whatever an older segment has from here on is void
  std::uint64_t synced_sequence = 0;  ///< the last batch that was durable when the segment was made
  friend bool operator==(const segment_header&, const segment_header&) = default;
};

/// What a frame begins with.
struct frame_header {
  std::uint64_t log_identity = 0;
  std::uint64_t sequence = 0;         ///< of the batch, from 1
  std::uint64_t synced_sequence = 0;  ///< the last batch that was durable when this one was written: below `sequence`
  std::uint32_t body_bytes = 0;       ///< items and zeros: a multiple of 8
  std::uint32_t body_checksum = 0;
  std::uint32_t items = 0;
  friend bool operator==(const frame_header&, const frame_header&) = default;
};

using segment_header_image = std::array<std::byte, segment_header_bytes>;
using frame_header_image = std::array<std::byte, frame_header_bytes>;

segment_header_image encode(const segment_header& header) noexcept;
frame_header_image encode(const frame_header& header, const frame_place& place) noexcept;

/// What a segment's first bytes are.
enum class segment_header_state : std::uint8_t { valid, damaged, newer_version };
struct decoded_segment_header {
  segment_header_state state = segment_header_state::damaged;
  segment_header header;
};
decoded_segment_header decode_segment_header(std::span<const std::byte> segment) noexcept;

/// The header at the beginning of `bytes`, which stand at `place`; empty unless it is valid there.
std::optional<frame_header> decode_frame_header(std::span<const std::byte> bytes, const frame_place& place) noexcept;

/// `bytes`, rounded up to what a frame takes.
constexpr std::size_t aligned_to_log(std::size_t bytes) noexcept {
  return (bytes + log_alignment_bytes - 1) / log_alignment_bytes * log_alignment_bytes;
}

}  // namespace wavetank

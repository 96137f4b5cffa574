// Where what stands in a `.kvc` file of version 1: all numbers are little-endian.
//
//   0  "KVC", version        8  token count      24  creation time   48  payload offset   68  0 (u32)
//   4  quant bits           12  hit count        32  last use        56  payload length
//   5  save reason          16  context size     40  payload byte    64  CRC32C of the
//   6  0 (u16)              20  0 (u32)              count               payload
//
//   72  prompt: u32 length, bytes; then TLV section: u32 length, entries {u8 tag, u32 length, value}; then the payload,
//   which ends at the end of the file.
//
// The head is what comes before the payload. The payload begins where the TLV section ends.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wavetank::kvc_layout {

inline constexpr std::uint8_t version = 1;

inline constexpr std::size_t version_offset = 3;
inline constexpr std::size_t quant_bits_offset = 4;
inline constexpr std::size_t save_reason_offset = 5;
inline constexpr std::size_t token_count_offset = 8;
inline constexpr std::size_t hit_count_offset = 12;  ///< u32; changes in place after publishing
inline constexpr std::size_t context_size_offset = 16;
inline constexpr std::size_t creation_time_offset = 24;
inline constexpr std::size_t last_use_offset = 32;  ///< u64; changes in place after publishing
inline constexpr std::size_t payload_byte_count_offset = 40;
inline constexpr std::size_t payload_offset_offset = 48;
inline constexpr std::size_t payload_length_offset = 56;
inline constexpr std::size_t payload_checksum_offset = 64;
inline constexpr std::size_t header_bytes = 72;

/// Two u32 lengths, of the prompt and of the TLV section.
inline constexpr std::size_t least_head_bytes = header_bytes + 4 + 4;

/// The most that a head may have: bounds what a parser allocates for a file that is no cache file. It has room for 16
/// million tokens or a prompt as long.
inline constexpr std::uint64_t most_head_bytes = std::uint64_t{64} << 20;

/// A tag and a u32 length.
inline constexpr std::size_t tlv_head_bytes = 5;

/// Tags, in the order in which they are written.
enum class tag : std::uint8_t {
  fingerprint = 0x01,
  fingerprint_mode = 0x02,
  quant = 0x03,
  ctx_params_hash = 0x04,
  token_count = 0x08,
  token_ids = 0x09,
  hostname = 0x05,
  library_version = 0x06,
  save_reason_detail = 0x07,
  head_checksum = 0x20  ///< last: CRC32C of every byte before its value, hit count and last use taken as zero
};

inline constexpr std::size_t head_checksum_bytes = 4;
inline constexpr std::size_t head_checksum_entry_bytes = tlv_head_bytes + head_checksum_bytes;

}  // namespace wavetank::kvc_layout

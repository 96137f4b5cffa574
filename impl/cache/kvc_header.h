// The fixed part of a `.kvc` file: its first 72 bytes.
#pragma once

#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/save_reason.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include <tl/expected.hpp>

namespace wavetank {

/// What the fixed part says, field by field. A plain value.
struct kvc_header {
  std::uint8_t quant_bits = 0;
  wavetank::save_reason save_reason = wavetank::save_reason::unknown;
  std::uint32_t token_count = 0;
  std::uint32_t hit_count = 0;
  std::uint32_t context_size = 0;
  std::uint64_t creation_time_s = 0;
  std::uint64_t last_use_s = 0;
  std::uint64_t payload_offset = 0;  ///< also the size of the head
  std::uint64_t payload_bytes = 0;
  std::uint32_t payload_crc32c = 0;

  friend bool operator==(const kvc_header&, const kvc_header&) = default;
};

using kvc_header_bytes = std::span<const std::byte, kvc_layout::header_bytes>;

/// Writes the fixed part.
void store_kvc_header(std::span<std::byte, kvc_layout::header_bytes> into, const kvc_header& header) noexcept;

/// The fixed part of a file of `file_bytes`: every value is one that its field may have, the head is at most
/// `most_head_bytes`, and the payload ends at the end of the file. The bytes are untrusted.
tl::expected<kvc_header, kvc_error> load_kvc_header(kvc_header_bytes bytes, std::uint64_t file_bytes) noexcept;

}  // namespace wavetank

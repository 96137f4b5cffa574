// A `.kvc` file as it is written: the layout is known before the payload, the payload streams past and is checksummed
// once, and the head, which holds the checksums, is complete after it.
//
//   auto writer = kvc_writer::create(metadata, payload_bytes);
//   for each piece: writer->add(piece), and write the piece at its place, the first at writer->payload_offset()
//   write writer->head() at 0
#pragma once

#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_metadata.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// One file. Holds its head in memory, and of the payload nothing. One task at a time.
class kvc_writer {
 public:
  /// Refuses what no parser would accept, before anything is written: `bad_value` for a quant type, a save reason or a
  /// fingerprint mode that there is not, `too_large` for a head above `kvc_layout::most_head_bytes` or a file above
  /// 2^63 - 1 bytes. Linear in the metadata.
  static tl::expected<kvc_writer, kvc_error> create(const kvc_metadata& metadata, std::uint64_t payload_bytes);

  /// Where the payload begins; also the size of the head.
  std::uint64_t payload_offset() const noexcept { return head_.size(); }
  std::uint64_t file_bytes() const noexcept { return head_.size() + payload_bytes_; }

  /// The next bytes of the payload. `std::length_error` for more than were announced.
  void add(std::span<const std::byte> payload);

  /// The file's first bytes, up to the payload. `std::logic_error` before the payload is complete.
  std::vector<std::byte> head() const;

 private:
  kvc_writer(std::vector<std::byte> head, std::uint64_t payload_bytes) noexcept
      : head_(std::move(head)), payload_bytes_(payload_bytes) {}

  std::vector<std::byte> head_;  ///< but for the checksums
  std::uint64_t payload_bytes_;
  std::uint64_t added_bytes_ = 0;
  crc32c checksum_;
};

}  // namespace wavetank

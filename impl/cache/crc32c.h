// CRC32C (Castagnoli: polynomial 1EDC6F41, reflected, inverted before and after), piece by piece.
//
// Source: RFC 3720, section 12.1. The work is done by ISA-L, which uses the processor's instructions: memory speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wavetank {

/// The checksum of a stream: a plain value, a copy is a clone. One task at a time. Nothing throws.
class crc32c {
 public:
  /// Appends bytes to the stream.
  void update(std::span<const std::byte> bytes) noexcept;

  /// The checksum of the stream so far, which may go on.
  std::uint32_t value() const noexcept { return ~register_; }

 private:
  std::uint32_t register_ = ~std::uint32_t{0};
};

/// The checksum of one piece.
inline std::uint32_t crc32c_of(std::span<const std::byte> bytes) noexcept {
  crc32c stream;
  stream.update(bytes);
  return stream.value();
}

}  // namespace wavetank

// SHA-256 whose state can be cloned: the digest of what was fed so far is taken as often as one likes, on the way.
//
// Source: FIPS 180-4. The compression function is libcrypto's, which uses the processor's instructions. Its EVP
// interface is not used: there, a clone allocates, and a digest on the way costs five compressions in the place of one.
#pragma once

#include <wavetank/impl/cache/bytes32.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wavetank {

/// The state of a hash: a plain value, a copy is a clone. One task at a time. Nothing throws.
class sha256 {
 public:
  static constexpr std::size_t block_bytes = 64;
  using chaining_value = std::array<std::uint32_t, 8>;

  /// Appends bytes to the message; at most 2^61 in all.
  void update(std::span<const std::byte> bytes) noexcept;

  /// The digest of the message so far, which may go on. One compression, in one case of eight two.
  bytes32 digest() const noexcept;

  /// The digest of the message so far, which ends with a whole block, and the first `more` of these bytes, not all. As
  /// fast as the processor compresses blocks that do not depend on each other.
  bytes32 digest_with(std::span<const std::byte, block_bytes> next_block, std::size_t more) const noexcept;

 private:
  std::size_t pending_bytes() const noexcept { return static_cast<std::size_t>(message_bytes_ % block_bytes); }
  void compress(std::span<const std::byte> whole_blocks) noexcept;
  /// Of what is in `chain_` and the first `taken` bytes of the message's last block.
  bytes32 padded_digest(std::span<const std::byte, block_bytes> last, std::size_t taken,
                        std::uint64_t message_bytes) const noexcept;

  chaining_value chain_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, block_bytes> pending_{};  ///< begins with the message after its last whole block
  std::uint64_t message_bytes_ = 0;
};

}  // namespace wavetank

#include <wavetank/impl/cache/sha256.h>

#include <algorithm>
#include <bit>
#include <cstring>

// The functions on bare blocks are declared for who asks for the interface of 1.1.
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>

namespace wavetank {

namespace {

/// `value` most significant byte first. As one number, since compilers make far worse of four bytes.
void store_big_endian(std::byte* into, std::uint32_t value) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    value = value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
  }
  std::memcpy(into, &value, sizeof value);
}

}  // namespace

void sha256::compress(chaining_value& chain, std::span<const std::byte> whole_blocks) noexcept {
  SHA256_CTX context;
  static_assert(sizeof context.h == sizeof chain);
  std::copy(chain.begin(), chain.end(), context.h);
  if (whole_blocks.size() == block_bytes) {
    SHA256_Transform(&context, reinterpret_cast<const unsigned char*>(whole_blocks.data()));
  } else {
    // Nothing is pending in this context, so that it compresses all that it is given and keeps nothing.
    context.Nl = context.Nh = 0;
    context.num = 0;
    context.md_len = SHA256_DIGEST_LENGTH;
    SHA256_Update(&context, whole_blocks.data(), whole_blocks.size());
  }
  std::copy(std::begin(context.h), std::end(context.h), chain.begin());
}

void sha256::update(std::span<const std::byte> bytes) noexcept {
  const std::size_t pending = pending_bytes();
  message_bytes_ += bytes.size();
  if (pending != 0) {
    const std::size_t taken = std::min(bytes.size(), block_bytes - pending);
    std::copy_n(bytes.begin(), taken, pending_.begin() + static_cast<std::ptrdiff_t>(pending));
    bytes = bytes.subspan(taken);
    if (pending + taken < block_bytes) return;
    compress(chain_, pending_);
    pending_.fill(std::byte{0});
  }
  const std::size_t whole = bytes.size() - bytes.size() % block_bytes;
  if (whole != 0) compress(chain_, bytes.first(whole));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end(), pending_.begin());
}

bytes32 sha256::digest() const noexcept {
  constexpr std::size_t length_offset = block_bytes - sizeof(std::uint64_t);
  const std::size_t pending = pending_bytes();
  chaining_value chain = chain_;
  auto tail = pending_;
  tail[pending] = std::byte{0x80};
  if (pending >= length_offset) {
    compress(chain, tail);
    tail.fill(std::byte{0});
  }
  const std::uint64_t message_bits = message_bytes_ * 8;
  store_big_endian(tail.data() + length_offset, static_cast<std::uint32_t>(message_bits >> 32));
  store_big_endian(tail.data() + length_offset + 4, static_cast<std::uint32_t>(message_bits));
  compress(chain, tail);
  bytes32 digest;
  for (std::size_t i = 0; i < chain.size(); ++i) store_big_endian(digest.data() + i * sizeof chain[i], chain[i]);
  return digest;
}

}  // namespace wavetank

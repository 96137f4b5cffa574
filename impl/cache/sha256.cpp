#include <wavetank/impl/cache/sha256.h>

#include <algorithm>

// The functions on bare blocks are declared for who asks for the interface of 1.1.
#define OPENSSL_API_COMPAT 10101
#include <openssl/sha.h>

namespace wavetank {

namespace {

/// `value` most significant byte first.
template <class T>
void store_big_endian(std::byte* into, T value) noexcept {
  for (std::size_t i = sizeof(T); i-- > 0; value = static_cast<T>(value >> 8)) into[i] = static_cast<std::byte>(value);
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
  }
  const std::size_t whole = bytes.size() - bytes.size() % block_bytes;
  if (whole != 0) compress(chain_, bytes.first(whole));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end(), pending_.begin());
}

bytes32 sha256::digest() const noexcept {
  constexpr std::size_t length_bytes = sizeof(std::uint64_t);
  const std::size_t pending = pending_bytes();
  std::array<std::byte, 2 * block_bytes> tail{};
  std::copy_n(pending_.begin(), pending, tail.begin());
  tail[pending] = std::byte{0x80};
  const std::size_t tail_bytes = pending + 1 + length_bytes <= block_bytes ? block_bytes : 2 * block_bytes;
  store_big_endian(tail.data() + tail_bytes - length_bytes, message_bytes_ * 8);

  chaining_value chain = chain_;
  compress(chain, std::span{tail}.first(tail_bytes));
  bytes32 digest;
  for (std::size_t i = 0; i < chain.size(); ++i) store_big_endian(digest.data() + i * sizeof chain[i], chain[i]);
  return digest;
}

}  // namespace wavetank

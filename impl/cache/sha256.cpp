#include <wavetank/impl/cache/sha256.h>

#include <algorithm>
#include <bit>
#include <cassert>
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

constexpr std::size_t length_offset = sha256::block_bytes - sizeof(std::uint64_t);

/// A block of a message's last bytes, the mark of its end and zeros. Made in registers and stored in wide pieces, as
/// the compression loads it: a wide load of what was just stored in narrow pieces waits until these are in the cache,
/// and with it every compression for the one before it.
class padded_block {
 public:
  padded_block() = default;
  padded_block(std::span<const std::byte, sha256::block_bytes> block, std::size_t taken) noexcept {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const std::size_t window = sha256::block_bytes - taken + i * sizeof(piece);
      pieces_[i] = (load(block.data() + i * sizeof(piece)) & load(keep.data() + window)) | load(mark.data() + window);
    }
  }
  void add_length(std::uint64_t message_bits) noexcept {
    std::uint64_t big_endian = message_bits;
    if constexpr (std::endian::native == std::endian::little) big_endian = __builtin_bswap64(message_bits);
    pieces_.back() |= piece{0, big_endian};
  }
  const std::byte* data() const noexcept { return reinterpret_cast<const std::byte*>(pieces_.data()); }

 private:
  using piece = std::uint64_t __attribute__((vector_size(16)));
  using window_bytes = std::array<std::byte, 2 * sha256::block_bytes>;

  static piece load(const std::byte* from) noexcept {
    piece loaded;
    std::memcpy(&loaded, from, sizeof loaded);
    return loaded;
  }

  /// Seen through a window of a block that begins `taken` bytes before the middle: ones for what is taken; the mark.
  static constexpr window_bytes keep = [] {
    window_bytes ones{};
    std::fill_n(ones.begin(), sha256::block_bytes, std::byte{0xff});
    return ones;
  }();
  static constexpr window_bytes mark = [] {
    window_bytes one{};
    one[sha256::block_bytes] = std::byte{0x80};
    return one;
  }();

  std::array<piece, sha256::block_bytes / sizeof(piece)> pieces_{};
};

bytes32 digest_of(const SHA256_CTX& context) noexcept {
  bytes32 digest;
  for (std::size_t i = 0; i < std::size(context.h); ++i) {
    store_big_endian(digest.data() + i * sizeof(std::uint32_t), static_cast<std::uint32_t>(context.h[i]));
  }
  return digest;
}

SHA256_CTX context_of(const sha256::chaining_value& chain) noexcept {
  SHA256_CTX context;
  static_assert(sizeof context.h == sizeof chain);
  std::copy(chain.begin(), chain.end(), context.h);
  return context;
}

void compress_block(SHA256_CTX& context, const std::byte* block) noexcept {
  SHA256_Transform(&context, reinterpret_cast<const unsigned char*>(block));
}

}  // namespace

void sha256::compress(std::span<const std::byte> whole_blocks) noexcept {
  SHA256_CTX context = context_of(chain_);
  if (whole_blocks.size() == block_bytes) {
    compress_block(context, whole_blocks.data());
  } else {
    // Nothing is pending in this context, so that it compresses all that it is given and keeps nothing.
    context.Nl = context.Nh = 0;
    context.num = 0;
    context.md_len = SHA256_DIGEST_LENGTH;
    SHA256_Update(&context, whole_blocks.data(), whole_blocks.size());
  }
  std::copy(std::begin(context.h), std::end(context.h), chain_.begin());
}

void sha256::update(std::span<const std::byte> bytes) noexcept {
  const std::size_t pending = pending_bytes();
  message_bytes_ += bytes.size();
  if (pending != 0) {
    const std::size_t taken = std::min(bytes.size(), block_bytes - pending);
    std::copy_n(bytes.begin(), taken, pending_.begin() + static_cast<std::ptrdiff_t>(pending));
    bytes = bytes.subspan(taken);
    if (pending + taken < block_bytes) return;
    compress(pending_);
  }
  const std::size_t whole = bytes.size() - bytes.size() % block_bytes;
  if (whole != 0) compress(bytes.first(whole));
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end(), pending_.begin());
}

bytes32 sha256::digest_with(std::span<const std::byte, block_bytes> next_block, std::size_t more) const noexcept {
  assert(pending_bytes() == 0);
  return padded_digest(next_block, more, message_bytes_ + more);
}

bytes32 sha256::digest() const noexcept { return padded_digest(pending_, pending_bytes(), message_bytes_); }

bytes32 sha256::padded_digest(std::span<const std::byte, block_bytes> last, std::size_t taken,
                              std::uint64_t message_bytes) const noexcept {
  assert(taken < block_bytes);
  SHA256_CTX context = context_of(chain_);
  padded_block tail{last, taken};
  if (taken >= length_offset) {
    compress_block(context, tail.data());
    tail = padded_block{};
  }
  tail.add_length(message_bytes * 8);
  compress_block(context, tail.data());
  return digest_of(context);
}

}  // namespace wavetank

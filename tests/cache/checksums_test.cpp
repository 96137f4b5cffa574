#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/sha256.h>
#include <wavetank/tests/cache/bytes.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <rapidcheck.h>

namespace wavetank::cache_tests::checksums_test {
namespace {

std::string sha256_hex(std::string_view text) {
  sha256 hash;
  hash.update(bytes_of(text));
  return to_hex(hash.digest());
}

bytes32 evp_sha256(std::span<const std::byte> bytes) {
  bytes32 digest;
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                       EVP_sha256(), nullptr),
            1);
  return digest;
}

TEST(sha256, gives_the_digests_of_the_standard) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256, agrees_with_evp_at_every_length_around_the_blocks) {
  std::vector<std::byte> message;
  for (unsigned length = 0; length <= 260; ++length) {
    sha256 hash;
    hash.update(message);
    ASSERT_EQ(hash.digest(), evp_sha256(message)) << length;
    message.push_back(static_cast<std::byte>(length * 7));
  }
}

TEST(sha256, pieces_and_digests_on_the_way_change_nothing) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& pieces) {
    sha256 hash;
    std::string whole;
    for (const std::string& piece : pieces) {
      hash.update(bytes_of(piece));
      whole += piece;
      const sha256 clone = hash;
      RC_ASSERT(clone.digest() == evp_sha256(bytes_of(whole)));
    }
  }));
}

TEST(crc32c, gives_the_check_values) {
  EXPECT_EQ(crc32c_of(bytes_of("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c_of(std::array<std::byte, 32>{}), 0x8A9136AAU);
  EXPECT_EQ(crc32c_of({}), 0U);
}

/// The definition, a bit at a time.
std::uint32_t crc32c_by_bits(std::span<const std::byte> bytes) {
  std::uint32_t remainder = ~0U;
  for (const std::byte b : bytes) {
    remainder ^= std::to_integer<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? 0x82F63B78U : 0U);
  }
  return ~remainder;
}

TEST(crc32c, agrees_with_the_definition_at_every_length_and_cut) {
  std::vector<std::byte> message;
  for (unsigned length = 0; length <= 600; ++length) {
    crc32c stream;
    const std::size_t cut = length * 31 % (length + 1);
    stream.update(std::span{message}.first(cut));
    stream.update(std::span{message}.subspan(cut));
    ASSERT_EQ(stream.value(), crc32c_by_bits(message)) << length;
    message.push_back(static_cast<std::byte>(length * 37 + 11));
  }
}

}  // namespace
}  // namespace wavetank::cache_tests::checksums_test

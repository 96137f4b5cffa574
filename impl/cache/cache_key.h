// What a row of the cache is found by: thirty-two bytes, in files' names sixty-four hexadecimal digits.
#pragma once

#include <wavetank/impl/cache/bytes32.h>

#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace wavetank {

/// A plain value, ordered as its bytes are, and so as its digits. `key_derivation.h` makes it.
struct cache_key {
  bytes32 bytes{};

  friend bool operator==(const cache_key&, const cache_key&) = default;
  friend std::strong_ordering operator<=>(const cache_key&, const cache_key&) = default;
};

/// How many digits a key has.
inline constexpr std::size_t cache_key_digits = 64;

/// Sixty-four lower-case digits.
inline std::string to_hex(const cache_key& key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(cache_key_digits);
  for (const std::byte b : key.bytes) {
    text += digits[std::to_integer<std::size_t>(b >> 4)];
    text += digits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return text;
}

/// The key of exactly sixty-four lower-case digits; nothing for any other text.
constexpr std::optional<cache_key> cache_key_of_hex(std::string_view text) noexcept {
  if (text.size() != cache_key_digits) return std::nullopt;
  cache_key key;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && !(c >= 'a' && c <= 'f')) return std::nullopt;
    const int digit = decimal ? c - '0' : c - 'a' + 10;
    key.bytes[i / 2] = key.bytes[i / 2] << 4 | static_cast<std::byte>(digit);
  }
  return key;
}

}  // namespace wavetank

/// A key is a hash already: its first bytes are as good as any.
template <>
struct std::hash<wavetank::cache_key> {
  std::size_t operator()(const wavetank::cache_key& key) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, key.bytes.data(), sizeof value);
    return value;
  }
};

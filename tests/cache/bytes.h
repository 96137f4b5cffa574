// Bytes as tests write them.
#pragma once

#include <wavetank/impl/cache/bytes32.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank::cache_tests {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

inline std::string to_hex(std::span<const std::byte> bytes) {
  std::string text;
  for (const std::byte b : bytes) {
    for (const int shift : {4, 0}) text += "0123456789abcdef"[std::to_integer<unsigned>(b >> shift) & 15U];
  }
  return text;
}

/// The bytes first, first + 1, ...
inline bytes32 ascending(std::uint8_t first) {
  bytes32 bytes;
  for (std::byte& b : bytes) b = static_cast<std::byte>(first++);
  return bytes;
}

}  // namespace wavetank::cache_tests

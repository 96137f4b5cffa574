// Unsigned integers as little-endian bytes, whatever the machine's order.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

namespace wavetank {

/// The number in the first `sizeof(T)` bytes of `from`, which must have as many.
template <std::unsigned_integral T>
constexpr T load_little_endian(std::span<const std::byte> from) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(from[i]) << (8 * i)));
  }
  return value;
}

/// Writes `value` to the first `sizeof(T)` bytes of `into`, which must have as many.
template <std::unsigned_integral T>
constexpr void store_little_endian(std::span<std::byte> into, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) into[i] = static_cast<std::byte>(value >> (8 * i));
}

}  // namespace wavetank

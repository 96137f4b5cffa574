// Unsigned integers as little-endian bytes, whatever the machine's order.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>

namespace wavetank {

/// The number in the first `sizeof(T)` bytes of `from`, which must have as many.
template <std::unsigned_integral T>
T load_little_endian(std::span<const std::byte> from) noexcept {
  T value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, from.data(), sizeof value);
  } else {
    for (std::size_t i = sizeof value; i-- > 0;) value = static_cast<T>(value << 8 | std::to_integer<T>(from[i]));
  }
  return value;
}

/// Writes `value` to the first `sizeof(T)` bytes of `into`, which must have as many.
template <std::unsigned_integral T>
void store_little_endian(std::span<std::byte> into, T value) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(into.data(), &value, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i) into[i] = static_cast<std::byte>(value >> (8 * i));
  }
}

}  // namespace wavetank

// A hash that is the same in every process, on every platform and in every version: what is routed by it stays where it
// was. Not for secrets, nor against somebody who picks keys.
#pragma once

#include <wavetank/impl/cache/little_endian.h>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace wavetank {

/// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA'14): every bit of the input reaches every bit of the output.
constexpr std::uint64_t stable_hash_of(std::uint64_t number) noexcept {
  number += 0x9E3779B97F4A7C15U;
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31U);
}

/// Bytes, eight at a time, each word mixed into the hash of what is before it; the length goes first.
inline std::uint64_t stable_hash_of(std::span<const std::byte> bytes) noexcept {
  std::uint64_t hash = stable_hash_of(bytes.size());
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    hash = stable_hash_of(hash ^ load_little_endian<std::uint64_t>(bytes));
  }
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) last |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
  return bytes.empty() ? hash : stable_hash_of(hash ^ last);
}

/// Numbers, enumerations and strings. Other keys bring a hash of their own, with the same promise.
template <class K>
struct stable_hash;

template <class K>
requires std::integral<K> || std::is_enum_v<K>
struct stable_hash<K> {
  constexpr std::uint64_t operator()(K key) const noexcept { return stable_hash_of(static_cast<std::uint64_t>(key)); }
};

template <class K>
requires std::convertible_to<const K&, std::string_view>
struct stable_hash<K> {
  std::uint64_t operator()(std::string_view key) const noexcept {
    return stable_hash_of(std::as_bytes(std::span{key.data(), key.size()}));
  }
};

}  // namespace wavetank

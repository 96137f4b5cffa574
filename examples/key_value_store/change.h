// One change of the store, and its bytes in the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// What the log holds. `forget_all` begins a checkpoint: whatever was before it does not count any more.
struct change {
  enum class kind : std::uint8_t { put, erase, forget_all };
  kind what = kind::put;
  std::string key{};
  std::string value{};
};

/// kind, length of the key, key, value; the machine's byte order.
inline std::vector<std::byte> encode(const change& one) {
  const auto key_bytes = static_cast<std::uint32_t>(one.key.size());
  std::vector<std::byte> image(1 + sizeof key_bytes + one.key.size() + one.value.size());
  image[0] = static_cast<std::byte>(one.what);
  std::byte* rest = image.data() + 1;
  std::memcpy(rest, &key_bytes, sizeof key_bytes);
  rest += sizeof key_bytes;
  if (!one.key.empty()) std::memcpy(rest, one.key.data(), one.key.size());
  rest += one.key.size();
  if (!one.value.empty()) std::memcpy(rest, one.value.data(), one.value.size());
  return image;
}

/// Nothing: these bytes were not written by `encode`.
inline std::optional<change> decode(std::span<const std::byte> image) {
  std::uint32_t key_bytes = 0;
  if (image.size() < 1 + sizeof key_bytes || image[0] > static_cast<std::byte>(change::kind::forget_all)) return {};
  const auto what = static_cast<change::kind>(image[0]);
  std::memcpy(&key_bytes, image.data() + 1, sizeof key_bytes);
  const auto rest = image.subspan(1 + sizeof key_bytes);
  if (key_bytes > rest.size()) return {};
  const auto* const text = reinterpret_cast<const char*>(rest.data());
  return change{what, {text, key_bytes}, {text + key_bytes, rest.size() - key_bytes}};
}

// A whole file in memory, validated as adoption does it.
#pragma once

#include <wavetank/impl/cache/kvc_reader.h>
#include <wavetank/tests/cache/memory_source.h>

#include <array>
#include <span>

namespace wavetank::cache_tests {

inline tl::expected<kvc_head, kvc_error> validated(std::span<const std::byte> file, const cache_key& name) {
  memory_source source{.bytes = file};
  std::array<std::byte, 7> buffer;
  return validate_kvc(source, file.size(), name, buffer);
}

}  // namespace wavetank::cache_tests

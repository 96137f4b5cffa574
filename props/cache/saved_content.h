// What the keys of generated programs stand for: prompts of one token, and payloads that differ everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/kvc_metadata.h>
#include <wavetank/impl/cache/kvc_name.h>

namespace wavetank::props {

inline constexpr std::uint64_t most_key = 3;
inline constexpr const char* cache_folder = "/cache";

inline kvc_metadata metadata_of(std::uint64_t key) {
  kvc_metadata m;
  m.tokens = {static_cast<token_id>(key)};
  m.context_size = 1;
  return m;
}

inline cache_key cache_key_of(std::uint64_t key) { return key_of(metadata_of(key)); }

/// Of two sectors and a bit, so that it can be torn; each content differs from the others everywhere.
inline std::vector<std::byte> payload_of(std::uint64_t content) {
  std::vector<std::byte> bytes(1'100 + content);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + content * 85 + 1);
  return bytes;
}

inline std::string path_of(std::uint64_t key) {
  return std::string(cache_folder) + "/" + kvc_final_name(cache_key_of(key));
}

}  // namespace wavetank::props

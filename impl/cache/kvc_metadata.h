// What a `.kvc` file says about its payload.
#pragma once

#include <wavetank/impl/cache/bytes32.h>
#include <wavetank/impl/cache/fingerprint_mode.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/quant_type.h>
#include <wavetank/impl/cache/save_reason.h>
#include <wavetank/impl/cache/token_ids.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wavetank {

/// A plain value.
struct kvc_metadata {
  bytes32 fingerprint{};  ///< of the model
  wavetank::fingerprint_mode fingerprint_mode = wavetank::fingerprint_mode::safe;
  quant_type quant = quant_type::f32;
  std::uint8_t quant_bits = 0;
  bytes32 ctx_params_hash{};
  std::vector<token_id> tokens;
  std::uint32_t context_size = 0;
  wavetank::save_reason save_reason = wavetank::save_reason::unknown;
  std::uint32_t hit_count = 0;
  std::uint64_t creation_time_s = 0;  ///< Unix time
  std::uint64_t last_use_s = 0;       ///< Unix time
  std::string prompt_text;            ///< for people; any bytes
  std::optional<std::string> hostname;
  std::optional<std::string> library_version;
  std::optional<std::string> save_reason_detail;

  friend bool operator==(const kvc_metadata&, const kvc_metadata&) = default;
};

/// The key under which the payload is found.
inline cache_key key_of(const kvc_metadata& metadata) noexcept {
  return derive_key({metadata.fingerprint, metadata.quant, metadata.ctx_params_hash}, metadata.tokens);
}

}  // namespace wavetank

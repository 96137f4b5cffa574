// The key of a prompt: SHA-256(fingerprint || quant || hash of the context parameters || each token, little-endian).
//
// The tokens come last, so that the state after a prefix is on the way to the state after the whole (prompt_hash.h).
#pragma once

#include <wavetank/impl/cache/bytes32.h>
#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/quant_type.h>
#include <wavetank/impl/cache/sha256.h>
#include <wavetank/impl/cache/token_ids.h>

#include <span>

namespace wavetank {

/// What the key depends on besides the tokens.
struct key_inputs {
  bytes32 fingerprint{};
  quant_type quant = quant_type::f32;
  bytes32 ctx_params_hash{};
};

/// How many bytes of a key's message come before the tokens.
inline constexpr std::size_t key_inputs_bytes = 32 + 1 + 32;

/// The hash before the first token.
sha256 hash_of_inputs(const key_inputs& inputs) noexcept;

/// The key of all the tokens. Linear.
cache_key derive_key(const key_inputs& inputs, std::span<const token_id> tokens) noexcept;

}  // namespace wavetank

// The key of a prompt: SHA-256(fingerprint || quant || hash of the context parameters || each token, little-endian).
//
// The tokens come last, so that the state after a prefix is on the way to the state after the whole (prefix_keys.h).
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

/// A key under way: the tokens so far, and their key at any time. A plain value. One task at a time.
class key_hash {
 public:
  explicit key_hash(const key_inputs& inputs) noexcept;

  /// Appends tokens. Linear.
  void update(std::span<const token_id> tokens) noexcept;

  /// The key of the tokens so far. Constant.
  cache_key key() const noexcept { return {state_.digest()}; }

 private:
  sha256 state_;
};

/// The key of all the tokens. Linear.
cache_key derive_key(const key_inputs& inputs, std::span<const token_id> tokens) noexcept;

}  // namespace wavetank

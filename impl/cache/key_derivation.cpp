#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/little_endian.h>

#include <array>
#include <bit>

namespace wavetank {

sha256 hash_of_inputs(const key_inputs& inputs) noexcept {
  const std::array quant{static_cast<std::byte>(inputs.quant)};
  sha256 hash;
  hash.update(inputs.fingerprint);
  hash.update(quant);
  hash.update(inputs.ctx_params_hash);
  return hash;
}

cache_key derive_key(const key_inputs& inputs, std::span<const token_id> tokens) noexcept {
  sha256 hash = hash_of_inputs(inputs);
  if constexpr (std::endian::native == std::endian::little) {
    hash.update(std::as_bytes(tokens));
  } else {
    std::array<std::byte, sizeof(token_id)> bytes;
    for (const token_id token : tokens) {
      store_little_endian(bytes, token);
      hash.update(bytes);
    }
  }
  return {hash.digest()};
}

}  // namespace wavetank

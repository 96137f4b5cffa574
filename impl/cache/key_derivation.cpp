#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/little_endian.h>

#include <array>
#include <bit>

namespace wavetank {

key_hash::key_hash(const key_inputs& inputs) noexcept {
  const std::array quant{static_cast<std::byte>(inputs.quant)};
  state_.update(inputs.fingerprint);
  state_.update(quant);
  state_.update(inputs.ctx_params_hash);
}

void key_hash::update(std::span<const token_id> tokens) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    state_.update(std::as_bytes(tokens));
  } else {
    std::array<std::byte, sizeof(token_id)> bytes;
    for (const token_id token : tokens) {
      store_little_endian(bytes, token);
      state_.update(bytes);
    }
  }
}

cache_key derive_key(const key_inputs& inputs, std::span<const token_id> tokens) noexcept {
  key_hash hash{inputs};
  hash.update(tokens);
  return hash.key();
}

}  // namespace wavetank

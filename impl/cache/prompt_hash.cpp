#include <wavetank/impl/cache/little_endian.h>
#include <wavetank/impl/cache/prompt_hash.h>

#include <bit>

namespace wavetank {

prompt_hash::prompt_hash(const key_inputs& inputs, std::span<const token_id> prompt)
    : tokens_(std::as_bytes(prompt)), hash_(hash_of_inputs(inputs)) {
  if constexpr (std::endian::native != std::endian::little) {
    converted_.resize(prompt.size_bytes());
    for (std::size_t i = 0; i < prompt.size(); ++i) {
      store_little_endian(std::span{converted_}.subspan(i * sizeof(token_id)).first<sizeof(token_id)>(), prompt[i]);
    }
    tokens_ = converted_;
  }
}

cache_key prompt_hash::key_of(std::size_t tokens) noexcept {
  const std::size_t end = tokens * sizeof(token_id);
  const std::size_t beyond_the_last_block = (key_inputs_bytes + end) % sha256::block_bytes;
  if (end > beyond_the_last_block && end - beyond_the_last_block > hashed_) {
    const std::size_t boundary = end - beyond_the_last_block;
    hash_.update(tokens_.subspan(hashed_, boundary - hashed_));
    hashed_ = boundary;
  }
  const auto rest = tokens_.subspan(hashed_);
  if (hashed_ != 0 && rest.size() >= sha256::block_bytes) {
    return {hash_.digest_with(rest.first<sha256::block_bytes>(), end - hashed_)};
  }
  sha256 hash = hash_;
  hash.update(rest.first(end - hashed_));
  return {hash.digest()};
}

}  // namespace wavetank

// The keys of a prompt's prefixes, from the shortest up: its tokens are hashed once.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/sha256.h>
#include <wavetank/impl/cache/token_ids.h>

#include <cstddef>
#include <span>
#include <vector>

namespace wavetank {

/// The prompt must outlive it. One task at a time.
class prompt_hash {
 public:
  prompt_hash(const key_inputs& inputs, std::span<const token_id> prompt);
  prompt_hash(const prompt_hash&) = delete;
  prompt_hash& operator=(const prompt_hash&) = delete;

  /// The key of so many tokens, no fewer than the last time and no more than the prompt has. Linear in the tokens since
  /// then, and one compression, in one case of eight two.
  cache_key key_of(std::size_t tokens) noexcept;

 private:
  std::vector<std::byte> converted_;  ///< where the machine's numbers are not little-endian
  std::span<const std::byte> tokens_;
  sha256 hash_;             ///< of the inputs and what was hashed
  std::size_t hashed_ = 0;  ///< of `tokens_`: nothing, or up to the end of a block
};

}  // namespace wavetank

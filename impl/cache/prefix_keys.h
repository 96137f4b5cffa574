// The keys of many prefixes of one prompt, in one pass over its tokens.
//
// Cost: one hash of the whole, and one compression for each prefix, in one case of eight two.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/impl/cache/prompt_hash.h>
#include <wavetank/impl/cache/token_ids.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// A prefix to look for.
struct prefix_key {
  std::size_t tokens;  ///< its length
  cache_key key;

  prefix_key(std::size_t length, prompt_hash& of) noexcept : tokens(length), key(of.key_of(length)) {}

  friend bool operator==(const prefix_key&, const prefix_key&) = default;
};

/// Which prefixes of a prompt are looked for.
struct prefix_probes {
  std::size_t stride_tokens = 2'048;  ///< lengths are multiples of it
  std::size_t min_tokens = 512;       ///< and no shorter than this
};

/// Why no prefixes can be looked for.
enum class prefix_error {
  zero_stride  ///< a stride of 0 reaches no length
};

constexpr std::string_view to_string(prefix_error error) noexcept {
  switch (error) {
    case prefix_error::zero_stride:
      return "stride 0 reaches no length; use at least 1";
  }
  return "unknown";
}

/// The lengths to probe, ascending, each once: the multiples of the stride from max(min_tokens, stride) to
/// `prompt_tokens`, and those of `other_lengths` (say, of rows in the index; in any order) from max(min_tokens, 1) to
/// `prompt_tokens`. Linear in the answer, n log n in the others.
tl::expected<std::vector<std::size_t>, prefix_error> probe_lengths(std::size_t prompt_tokens, prefix_probes probes,
                                                                   std::span<const std::size_t> other_lengths = {});

/// The keys of the prefixes of these lengths, which must ascend and be no longer than the prompt, or
/// `std::invalid_argument` is thrown.
std::vector<prefix_key> prefix_keys(const key_inputs& inputs, std::span<const token_id> prompt,
                                    std::span<const std::size_t> lengths);

}  // namespace wavetank

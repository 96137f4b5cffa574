// Tokens as the cache counts them: unsigned, 32 bits. Where they come in wider types, each is checked, none truncated.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

using token_id = std::uint32_t;

/// The first token that does not fit. Truncated, it would have been taken for another one.
struct token_out_of_range {
  std::size_t index;

  friend bool operator==(const token_out_of_range&, const token_out_of_range&) = default;
};

inline std::string describe(token_out_of_range wrong) {
  return "token " + std::to_string(wrong.index) + " is not within 0 and 4294967295: give the model's token ids";
}

/// The same tokens in 32 bits, if all fit. Linear.
template <std::integral T>
tl::expected<std::vector<token_id>, token_out_of_range> checked_tokens(std::span<const T> wide) {
  std::vector<token_id> tokens;
  tokens.reserve(wide.size());
  for (const T token : wide) {
    if (!std::in_range<token_id>(token)) return tl::make_unexpected(token_out_of_range{tokens.size()});
    tokens.push_back(static_cast<token_id>(token));
  }
  return tokens;
}

}  // namespace wavetank

// The longest prefix of a prompt that somebody has.
#pragma once

#include <wavetank/impl/cache/prefix_keys.h>

#include <concepts>
#include <optional>
#include <span>

namespace wavetank {

/// The longest of `ascending` (from `prefix_keys`) whose key `contains` says to have; nothing if there is none. Asks
/// from the longest down, and no further than the answer.
template <std::predicate<const cache_key&> Contains>
std::optional<prefix_key> longest_prefix(std::span<const prefix_key> ascending, Contains&& contains) {
  for (auto probe = ascending.rbegin(); probe != ascending.rend(); ++probe) {
    if (contains(probe->key)) return *probe;
  }
  return std::nullopt;
}

}  // namespace wavetank

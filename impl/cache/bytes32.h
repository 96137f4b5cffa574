// Thirty-two bytes: a SHA-256 digest, a model's fingerprint, the hash of context parameters.
#pragma once

#include <array>
#include <cstddef>

namespace wavetank {

using bytes32 = std::array<std::byte, 32>;

}  // namespace wavetank

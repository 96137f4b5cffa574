// 64 random bits for jitter and the like, not for secrets: a generator a thread, seeded from the system's entropy.
#pragma once

#include <cstdint>

namespace wavetank {

std::uint64_t random_bits();

}  // namespace wavetank

// Random numbers for exploration: xoshiro256** (Blackman & Vigna 2018), seeded by SplitMix64.
//
// A weak generator makes whole classes of schedules unreachable (a 32-bit linear congruential one reaches 4.5 % of the
// 16-step two-way choices), and neighbouring seeds must not give neighbouring streams; tests hold both.
#pragma once

#include <array>
#include <cstdint>

namespace wavetank::sim {

/// A bijection of 64-bit words that spreads every input bit over every output bit (SplitMix64's finalizer).
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// The name of a sub-stream of random numbers, hashed when the program is compiled.
class stream_name {
 public:
  consteval stream_name(const char* name) : hash_(0) {  // NOLINT: a literal is the name
    for (; *name != '\0'; ++name) hash_ = mix(hash_ ^ static_cast<unsigned char>(*name));
  }
  constexpr std::uint64_t hash() const noexcept { return hash_; }

 private:
  std::uint64_t hash_;
};

/// The seed of a named sub-stream: `schedule`, `faults`, `commands`; independent of the others.
constexpr std::uint64_t substream(std::uint64_t seed, stream_name name) noexcept {
  return mix(mix(seed) ^ name.hash());
}

/// The seed of the `index`-th execution of a campaign.
constexpr std::uint64_t execution_seed(std::uint64_t campaign_seed, std::uint64_t index) noexcept {
  return mix(mix(campaign_seed) ^ mix(~index));
}

/// A sound generator of 64-bit words, period 2^256 - 1. A value: copies continue alike.
class generator {
 public:
  using result_type = std::uint64_t;

  explicit constexpr generator(std::uint64_t seed) noexcept { restart(seed); }

  /// The same as a new one, in place.
  constexpr void restart(std::uint64_t seed) noexcept {
    for (auto& word : state_) {
      word = mix(seed);
      seed += 0x9E3779B97F4A7C15u;
    }
  }

  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return ~result_type{0}; }

  constexpr result_type operator()() noexcept {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// A number in [0, n), n >= 1. The bias of the multiply-shift is below n / 2^32, which no campaign can see.
  constexpr std::uint32_t below(std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>(((*this)() >> 32) * n >> 32);
  }

  /// True `numerator` times in `denominator`.
  constexpr bool chance(std::uint32_t numerator, std::uint32_t denominator) noexcept {
    return below(denominator) < numerator;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) noexcept { return (x << k) | (x >> (64 - k)); }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace wavetank::sim

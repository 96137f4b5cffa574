// Sets of slots: which open operations have been linearized. One word while at most 64 operations overlap, two up to
// 128, as many as it takes beyond; the search is compiled for each and never gives up for width.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wavetank::lin {

inline std::uint64_t mix_bits(std::uint64_t hash, std::uint64_t word) noexcept {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32);
}

/// The algebra shared by masks of any representation; `Words` is an array or a vector of 64-bit words.
template <class Words>
class slot_mask {
 public:
  /// Empty, with room for `width` slots.
  explicit slot_mask(std::uint32_t width) {
    if constexpr (requires { words_.resize(1); })
      words_.resize((static_cast<std::size_t>(width) + 63) / 64);
    else
      words_.fill(0);
  }
  slot_mask() : slot_mask(0) {}

  void set(std::uint32_t slot) noexcept { words_[slot / 64] |= bit(slot); }
  void reset(std::uint32_t slot) noexcept { words_[slot / 64] &= ~bit(slot); }
  [[nodiscard]] bool test(std::uint32_t slot) const noexcept { return (words_[slot / 64] & bit(slot)) != 0; }

  /// Calls `f(slot)` for each slot of this mask that is not in `other`, in ascending order.
  template <class F>
  void for_each_not_in(const slot_mask& other, F&& f) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t left = words_[w] & ~other.words_[w]; left != 0; left &= left - 1)
        f(static_cast<std::uint32_t>(64 * w) + static_cast<std::uint32_t>(std::countr_zero(left)));
  }

  /// Hash of the part within `part`.
  [[nodiscard]] std::uint64_t hash_within(const slot_mask& part, std::uint64_t hash) const noexcept {
    for (std::size_t w = 0; w < words_.size(); ++w) hash = mix_bits(hash, words_[w] & part.words_[w]);
    return hash;
  }

  [[nodiscard]] bool equal_within(const slot_mask& part, const slot_mask& other) const noexcept {
    for (std::size_t w = 0; w < words_.size(); ++w)
      if (((words_[w] ^ other.words_[w]) & part.words_[w]) != 0) return false;
    return true;
  }

  /// Outside `part`: no slot but those of `wanted` that `other` lacks, and each slot of `wanted` that `other` has.
  [[nodiscard]] bool dominates(const slot_mask& other, const slot_mask& part, const slot_mask& wanted) const noexcept {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      const std::uint64_t mine = (words_[w] ^ wanted.words_[w]) & ~part.words_[w];
      const std::uint64_t its = (other.words_[w] ^ wanted.words_[w]) & ~part.words_[w];
      if ((mine & ~its) != 0) return false;
    }
    return true;
  }

  [[nodiscard]] std::size_t heap_bytes() const noexcept {
    if constexpr (requires { words_.resize(1); })
      return words_.capacity() * sizeof(std::uint64_t);
    else
      return 0;
  }

 private:
  static std::uint64_t bit(std::uint32_t slot) noexcept { return std::uint64_t{1} << (slot % 64); }
  Words words_;
};

template <std::size_t N>
using narrow_mask = slot_mask<std::array<std::uint64_t, N>>;
using wide_mask = slot_mask<std::vector<std::uint64_t>>;

}  // namespace wavetank::lin

// All of a counting semaphore that its fast paths need, in one word: what one load shows is consistent, and what one
// compare-and-swap changes is seen at once.
#pragma once

#include <wavetank/impl/semaphore/acquire_error.h>

#include <cassert>
#include <cstdint>

namespace wavetank::semaphore_detail {

/// A value: `current` (31 bits), `limit` (31 bits), `queued`, `closed`.
///
/// `queued` sends every release, and every newcomer of a strict semaphore, past the fast path. Limit 0 is the mark of a
/// destroyed semaphore; no living one has it.
class state_word {
 public:
  static constexpr std::uint64_t number_max = (std::uint64_t{1} << 31) - 1;

  constexpr explicit state_word(std::uint64_t bits) noexcept : bits_(bits) {}
  static constexpr state_word initial(std::uint64_t limit) noexcept { return state_word{limit << limit_shift}; }

  constexpr std::uint64_t bits() const noexcept { return bits_; }
  constexpr std::uint64_t current() const noexcept { return bits_ & number_max; }
  constexpr std::uint64_t limit() const noexcept { return (bits_ >> limit_shift) & number_max; }
  constexpr bool queued() const noexcept { return (bits_ & queued_bit) != 0; }
  constexpr bool closed() const noexcept { return (bits_ & closed_bit) != 0; }
  constexpr bool destroyed() const noexcept { return limit() == 0; }
  constexpr bool fits(std::uint64_t weight) const noexcept { return current() + weight <= limit(); }

  /// Whoever asks for `weight` may take it: open, nobody waits, and it fits.
  constexpr bool free_for(std::uint64_t weight) const noexcept {
    return (bits_ & (queued_bit | closed_bit)) == 0 && weight - 1 < number_max && fits(weight);
  }

  constexpr state_word taking(std::uint64_t weight) const noexcept {
    assert(fits(weight));
    return state_word{bits_ + weight};
  }
  constexpr state_word giving_back(std::uint64_t weight) const noexcept {
    assert(current() >= weight);
    return state_word{bits_ - weight};
  }
  constexpr state_word with_limit(std::uint64_t limit) const noexcept {
    assert(limit <= number_max);
    return state_word{(bits_ & ~(number_max << limit_shift)) | (limit << limit_shift)};
  }
  constexpr state_word with_queued(bool queued) const noexcept {
    return state_word{queued ? bits_ | queued_bit : bits_ & ~queued_bit};
  }
  constexpr state_word closing() const noexcept { return state_word{bits_ | closed_bit}; }

  friend constexpr bool operator==(state_word, state_word) = default;

 private:
  static constexpr unsigned limit_shift = 31;
  static constexpr std::uint64_t queued_bit = std::uint64_t{1} << 62;
  static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;

  std::uint64_t bits_;
};

}  // namespace wavetank::semaphore_detail

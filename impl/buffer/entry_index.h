// Where the entry of a key is in a vector: open addressing with linear probing, and deletion that leaves no tombstones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wavetank::buffer_detail {

/// From the hash of a key, of which the lower half counts, to a position. The entries themselves are the owner's: it
/// says which one is meant. Constant on average; at most half full.
class entry_index {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  /// The position with this hash for which `is_it(position)`.
  template <class IsIt>
  std::uint32_t find(std::uint64_t hash, IsIt&& is_it) const {
    if (slots_.empty()) return none;
    const auto low = static_cast<std::uint32_t>(hash);
    for (std::size_t at = low & mask(); slots_[at].used(); at = (at + 1) & mask()) {
      if (slots_[at].hash == low && is_it(slots_[at].position)) return slots_[at].position;
    }
    return none;
  }

  /// Of a key that is not there.
  void insert(std::uint64_t hash, std::uint32_t position) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    place({static_cast<std::uint32_t>(hash), position});
    ++used_;
  }

  /// The key at `from` is at `to` from now on.
  void move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) { slots_[slot_of(hash, from)].position = to; }

  void erase(std::uint64_t hash, std::uint32_t position) {
    std::size_t hole = slot_of(hash, position);
    // What follows moves up unless that would take it before its home (Knuth, TAOCP 3, 6.4, algorithm R).
    for (std::size_t at = (hole + 1) & mask(); slots_[at].used(); at = (at + 1) & mask()) {
      const std::size_t home = slots_[at].hash & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = slots_[at];
      hole = at;
    }
    slots_[hole] = {};
    --used_;
  }

  /// All positions become smaller by `n`; none is below it.
  void shift_down(std::uint32_t n) noexcept {
    for (slot& each : slots_) {
      if (each.used()) each.position -= n;
    }
  }

  void clear() {
    // A burst does not keep its memory for ever.
    if (slots_.size() > 4096 && used_ < slots_.size() / 32) slots_ = {};
    slots_.assign(slots_.size(), slot{});
    used_ = 0;
  }

 private:
  /// Small, for looking at one is what a put waits for.
  struct slot {
    std::uint32_t hash = 0;
    std::uint32_t position = none;
    bool used() const noexcept { return position != none; }
  };

  std::size_t mask() const noexcept { return slots_.size() - 1; }

  std::size_t slot_of(std::uint64_t hash, std::uint32_t position) const noexcept {
    std::size_t at = hash & mask();
    while (slots_[at].position != position) at = (at + 1) & mask();
    return at;
  }
  void place(const slot& one) noexcept {
    std::size_t at = one.hash & mask();
    while (slots_[at].used()) at = (at + 1) & mask();
    slots_[at] = one;
  }
  void grow() {
    std::vector<slot> before(slots_.empty() ? 16 : slots_.size() * 2);
    before.swap(slots_);
    for (const slot& each : before) {
      if (each.used()) place(each);
    }
  }

  std::vector<slot> slots_;
  std::size_t used_ = 0;
};

}  // namespace wavetank::buffer_detail

// A set of 64-bit hashes: open addressing, nothing to erase.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wavetank::sim::disk {

/// Amortised constant time without an allocation a word. The words are taken for random.
class word_set {
 public:
  /// False if it was there.
  bool insert(std::uint64_t word) {
    if (word == 0) word = 1;
    if (2 * (count_ + 1) > slots_.size()) grow();
    return place(word);
  }

 private:
  bool place(std::uint64_t word) {
    for (std::size_t at = word & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == word) return false;
      if (slots_[at] != 0) continue;
      slots_[at] = word;
      ++count_;
      return true;
    }
  }
  void grow() {
    std::vector<std::uint64_t> before(slots_.empty() ? 64 : 2 * slots_.size());
    before.swap(slots_);
    count_ = 0;
    for (const std::uint64_t word : before) {
      if (word != 0) place(word);
    }
  }
  std::vector<std::uint64_t> slots_;
  std::size_t count_ = 0;
};

}  // namespace wavetank::sim::disk

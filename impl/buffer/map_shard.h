// One shard of a map: entries in the order of their insertion, found by key.
#pragma once

#include <wavetank/impl/buffer/entry_index.h>

#include <cstddef>
#include <cstdint>
#include <unordered_set>
#include <utility>
#include <vector>

namespace wavetank {

/// What a processor gets of a key.
template <class K, class V>
struct map_entry {
  K key;
  V value;
  std::uint64_t version = 0;  ///< of `put_newer`; 0 of a plain put
  std::uint64_t updates = 0;  ///< newer versions that came since the entry was made or plainly put
  friend bool operator==(const map_entry&, const map_entry&) = default;
};

namespace buffer_detail {

/// Not for several tasks at once. The hash of a key is the caller's to compute.
template <class K, class V, class Hash>
class map_shard {
 public:
  using entry = map_entry<K, V>;

  std::size_t size() const noexcept { return entries_.size() - first_; }
  const entry* data() const noexcept { return entries_.data() + first_; }
  entry* data() noexcept { return entries_.data() + first_; }

  const entry* find(std::uint64_t hash, const K& key) const {
    const auto at = index_.find(hash, [&](std::uint32_t i) { return entries_[i].key == key; });
    return at == entry_index::none ? nullptr : &entries_[at];
  }
  entry* find(std::uint64_t hash, const K& key) { return const_cast<entry*>(std::as_const(*this).find(hash, key)); }

  /// Of a key that is not there.
  void insert(std::uint64_t hash, entry one) {
    entries_.reserve(entries_.size() == entries_.capacity() ? entries_.size() * 2 + 8 : 0);
    hashes_.push_back(hash);
    index_.insert(hash, static_cast<std::uint32_t>(entries_.size()));
    entries_.push_back(std::move(one));
  }

  /// The last entry takes its place.
  void erase(entry& one) {
    const auto at = static_cast<std::uint32_t>(&one - entries_.data());
    const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
    index_.erase(hashes_[at], at);
    if (at != last) {
      index_.move(hashes_[last], last, at);
      entries_[at] = std::move(entries_[last]);
      hashes_[at] = hashes_[last];
    }
    entries_.pop_back();
    hashes_.pop_back();
  }

  /// The entry that was inserted first; erasures apart, which move the last one forward. Amortised constant.
  void pop_first() {
    index_.erase(hashes_[first_], static_cast<std::uint32_t>(first_));
    ++first_;
    if (first_ * 2 > entries_.size()) forget_first();
  }

  /// Keys that were erased while an older table still had them.
  std::unordered_set<K, Hash> erased;
  std::uint64_t bytes = 0;  ///< kept by the table, where it has to know them

  std::uint64_t hash_at(std::size_t i) const noexcept { return hashes_[first_ + i]; }

  void clear() {
    entries_.clear();
    hashes_.clear();
    index_.clear();
    erased.clear();
    first_ = 0;
    bytes = 0;
  }

 private:
  void forget_first() {
    const auto n = static_cast<std::ptrdiff_t>(first_);
    entries_.erase(entries_.begin(), entries_.begin() + n);
    hashes_.erase(hashes_.begin(), hashes_.begin() + n);
    index_.shift_down(static_cast<std::uint32_t>(first_));
    first_ = 0;
  }

  std::vector<entry> entries_;
  std::vector<std::uint64_t> hashes_;
  std::size_t first_ = 0;  ///< what is before it is no more
  entry_index index_;
};

}  // namespace buffer_detail
}  // namespace wavetank

// A map as a sorted vector: the plain value of which the states of models are made.
//
// It promises value semantics, one representation for equal contents (so that `==` and hashes of states mean what they
// say) and iteration in the order of the keys. States hold a handful of entries; nothing here is made for thousands.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace wavetank::model {

/// Keys in ascending order, each at most once. Lookup is logarithmic, change linear in the number of entries.
template <class Key, class Value>
class sorted_map {
 public:
  using entry = std::pair<Key, Value>;

  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] bool contains(const Key& key) const { return find(key) != nullptr; }

  /// The value under `key`, or nullptr. Valid until the next change.
  [[nodiscard]] const Value* find(const Key& key) const {
    const auto at = position(entries_, key);
    return at != entries_.end() && at->first == key ? &at->second : nullptr;
  }
  [[nodiscard]] Value* find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

  /// Puts `value` under `key`, in the place of what was there.
  void put(const Key& key, const Value& value) {
    const auto at = position(entries_, key);
    if (at != entries_.end() && at->first == key) {
      at->second = value;
    } else {
      entries_.insert(at, entry{key, value});
    }
  }

  /// Removes `key`; false where it was not there.
  bool erase(const Key& key) {
    const auto at = position(entries_, key);
    if (at == entries_.end() || at->first != key) return false;
    entries_.erase(at);
    return true;
  }

  /// Removes every entry for which `unwanted(key, value)`.
  template <class Predicate>
  void erase_if(Predicate&& unwanted) {
    std::erase_if(entries_, [&](const entry& one) { return unwanted(one.first, one.second); });
  }

  void clear() { entries_.clear(); }

  friend bool operator==(const sorted_map&, const sorted_map&) = default;

 private:
  template <class Entries>
  static auto position(Entries& entries, const Key& key) {
    return std::lower_bound(entries.begin(), entries.end(), key,
                            [](const entry& one, const Key& wanted) { return one.first < wanted; });
  }

  std::vector<entry> entries_;
};

/// The unit value: `sorted_map<Key, present>` is a set.
struct present {
  friend bool operator==(present, present) = default;
};

/// A set with the promises of `sorted_map`.
template <class Key>
using sorted_set = sorted_map<Key, present>;

}  // namespace wavetank::model

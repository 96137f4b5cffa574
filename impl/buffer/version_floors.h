// The newest version of a key that was delivered, for the keys delivered last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>

namespace wavetank {

/// Bounded; the key whose floor was set longest ago goes first. Constant. Not for several tasks at once.
template <class K, class Hash>
class version_floors {
 public:
  explicit version_floors(std::size_t capacity) : capacity_(capacity) {}

  bool enabled() const noexcept { return capacity_ != 0; }

  std::optional<std::uint64_t> of(const K& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? std::nullopt : std::optional{found->second->second};
  }

  void set(const K& key, std::uint64_t version) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
      found->second->second = version;
      oldest_first_.splice(oldest_first_.end(), oldest_first_, found->second);
      return;
    }
    if (by_key_.size() == capacity_) {
      by_key_.erase(oldest_first_.front().first);
      oldest_first_.pop_front();
    }
    by_key_.emplace(key, oldest_first_.emplace(oldest_first_.end(), key, version));
  }

 private:
  struct hasher {
    std::size_t operator()(const K& key) const { return static_cast<std::size_t>(Hash{}(key)); }
  };
  using order = std::list<std::pair<K, std::uint64_t>>;

  std::size_t capacity_;
  order oldest_first_;
  std::unordered_map<K, typename order::iterator, hasher> by_key_;
};

}  // namespace wavetank

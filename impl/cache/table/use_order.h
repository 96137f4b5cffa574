// The order in which rows are evicted: by last use, then by key.
#pragma once

#include <wavetank/impl/cache/cache_key.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>

namespace wavetank::table_detail {

/// One entry for each available row. Guarded by the table's mutex. Logarithmic.
class use_order {
 public:
  struct use {
    std::uint64_t last_s;
    cache_key key;
    friend auto operator<=>(const use&, const use&) = default;
  };

  void add(const cache_key& key, std::uint64_t last_s) {
    [[maybe_unused]] const bool fresh = all_.insert({last_s, key}).second;
    assert(fresh);
  }
  void remove(const cache_key& key, std::uint64_t last_s) {
    [[maybe_unused]] const auto gone = all_.erase({last_s, key});
    assert(gone == 1);
  }

  /// Allocates nothing.
  void move(const cache_key& key, std::uint64_t from_s, std::uint64_t to_s) {
    auto node = all_.extract({from_s, key});
    assert(!node.empty());
    node.value().last_s = to_s;
    all_.insert(std::move(node));
  }

  std::size_t size() const noexcept { return all_.size(); }

  /// The oldest first.
  auto begin() const noexcept { return all_.begin(); }
  auto end() const noexcept { return all_.end(); }

 private:
  std::set<use> all_;
};

}  // namespace wavetank::table_detail

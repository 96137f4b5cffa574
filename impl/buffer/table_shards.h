// The shards of a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace wavetank::buffer_detail {

/// A fixed number of parts, which share nothing. `Part` has `size()`, in records, and `clear()`. What does not name a
/// shard is for whoever has all of them.
template <class Part>
class table_shards {
 public:
  explicit table_shards(std::size_t count) : count_(count), parts_(std::make_unique<Part[]>(count)) {}

  Part& operator[](std::size_t shard) noexcept { return parts_[shard]; }
  const Part& operator[](std::size_t shard) const noexcept { return parts_[shard]; }
  std::size_t count() const noexcept { return count_; }

  /// Of all shards.
  std::uint64_t records() const noexcept {
    std::uint64_t all = 0;
    for (std::size_t s = 0; s < count_; ++s) all += parts_[s].size();
    return all;
  }
  bool any_after(std::size_t shard) const noexcept {
    for (std::size_t s = shard + 1; s < count_; ++s) {
      if (parts_[s].size() != 0) return true;
    }
    return false;
  }
  void clear() {
    for (std::size_t s = 0; s < count_; ++s) parts_[s].clear();
  }

 private:
  std::size_t count_;
  std::unique_ptr<Part[]> parts_;
};

/// How far a cursor has come: shard after shard.
struct shard_position {
  std::size_t shard = 0;
  std::size_t at = 0;  ///< the first record of the shard that no batch has had

  void go_to_next_shard() noexcept {
    ++shard;
    at = 0;
  }
};

}  // namespace wavetank::buffer_detail

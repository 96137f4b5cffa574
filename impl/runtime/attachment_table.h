// The attachments of one task, found by key in a few instructions. Used by its own task alone, so it needs no lock.
#pragma once

#include <wavetank/impl/runtime.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace wavetank {

class attachment_table {
 public:
  /// The attachment under `key`, or nullptr. A few instructions if the key was among the last ones looked up, else
  /// logarithmic in their number. Keys are never 0.
  attachment* find(std::uint64_t key) noexcept {
    const recent& last = recent_[key % recent_.size()];
    if (last.key == key) [[likely]]
      return last.value;
    return find_among_all(key);
  }

  /// Keeps `value` under `key`, which must be unused. Drops expired attachments first, so that a task that outlives
  /// many components does not collect their remains. Strong guarantee.
  void insert(std::uint64_t key, std::unique_ptr<attachment> value);

  /// Drops the attachment under `key`, if there is one, without a notice.
  void erase(std::uint64_t key) noexcept;

  /// The owner has died: tells each attachment, oldest key first, and drops it. An attachment that comes in meanwhile
  /// is told as well.
  void owner_died() noexcept;

 private:
  struct entry {
    std::uint64_t key;
    std::unique_ptr<attachment> value;
  };
  struct recent {
    std::uint64_t key = 0;
    attachment* value = nullptr;
  };

  attachment* find_among_all(std::uint64_t key) noexcept;
  std::vector<entry>::iterator lower_bound(std::uint64_t key) noexcept;
  void drop_expired() noexcept;
  void forget(std::uint64_t key) noexcept;

  std::array<recent, 16> recent_{};  // direct-mapped: keys are handed out in sequence, so neighbours do not collide
  std::vector<entry> all_;           // sorted by key
  std::size_t expiry_check_at_ = 16;
};

}  // namespace wavetank

// A file or a directory, in two layers: what the kernel shows and what is durable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/sim/disk/cow.h>
#include <wavetank/sim/disk/file_image.h>
#include <wavetank/sim/disk/operation.h>

namespace wavetank::sim::disk {

/// The entries of a directory, in text order.
class entry_map {
 public:
  using entry = std::pair<entry_name, inode_number>;

  inode_number find(std::string_view name) const noexcept {
    const auto at = position(name);
    return at != entries_.end() && at->first.text() == name ? at->second : no_inode;
  }
  /// `no_inode` erases.
  void set(const entry_name& name, inode_number target) {
    const auto at = entries_.begin() + (position(name.text()) - entries_.begin());
    const bool present = at != entries_.end() && at->first == name;
    if (target == no_inode) {
      if (present) entries_.erase(at);
    } else if (present) {
      at->second = target;
    } else {
      entries_.insert(at, {name, target});
    }
  }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }
  bool empty() const noexcept { return entries_.empty(); }

 private:
  std::vector<entry>::const_iterator position(std::string_view name) const noexcept {
    return std::lower_bound(entries_.begin(), entries_.end(), name,
                            [](const entry& one, std::string_view other) { return one.first.text() < other; });
  }
  std::vector<entry> entries_;
};

/// The write-back errors of an inode, reported once to each open description (Linux: errseq_t).
class error_sequence {
 public:
  void record(int error_number) noexcept {
    ++count_;
    error_number_ = error_number;
    seen_ = false;
  }
  /// What a new description has seen already: everything, unless nobody has seen the last error yet.
  std::uint32_t sample() const noexcept { return seen_ ? count_ : 0; }
  /// The error that this description has not seen yet, or 0.
  int report(std::uint32_t& since) noexcept {
    if (since == count_) return 0;
    since = count_;
    seen_ = true;
    return error_number_;
  }

 private:
  std::uint32_t count_ = 0;
  int error_number_ = 0;
  bool seen_ = false;
};

struct inode {
  file_kind kind = file_kind::regular;

  // Of a file.
  cow<file_image> durable;
  cow<file_image> cached;
  bool cache_differs = false;               ///< the cache shows what neither is durable nor will become so
  std::vector<std::uint32_t> lost_sectors;  ///< by a failed sync; what is written there may be lost again
  std::vector<std::uint32_t> unreadable_sectors;
  error_sequence errors;
  std::uint32_t links = 0;  ///< names that the kernel shows
  std::uint32_t opens = 0;
  std::uint64_t lock_holder = 0;  ///< a descriptor, or 0

  // Of a directory.
  cow<entry_map> durable_entries;
  cow<entry_map> entries;
  std::uint64_t path_hash = 0;
};

/// What the kernel shows and what is durable are one value.
inline bool shared_layers(const inode& node) noexcept {
  return share_a_value(node.cached, node.durable) && share_a_value(node.entries, node.durable_entries);
}

}  // namespace wavetank::sim::disk

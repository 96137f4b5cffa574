// A change that the kernel shows and that a power loss may undo.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <wavetank/sim/disk/file_image.h>
#include <wavetank/sim/disk/options.h>
#include <wavetank/sim/disk/sector.h>

namespace wavetank::sim::disk {

/// Never reused within a disk; a directory's is above its parent's. 0 is no inode.
using inode_number = std::uint32_t;
inline constexpr inode_number no_inode = 0;
inline constexpr inode_number root_inode = 1;

/// A name's text, shared by whoever mentions it. Ordered as text.
class entry_name {
 public:
  entry_name() = default;
  explicit entry_name(std::string_view text);
  std::string_view text() const noexcept { return *text_; }
  std::uint64_t hash() const noexcept { return hash_; }
  friend bool operator==(const entry_name& a, const entry_name& b) noexcept {
    return a.hash_ == b.hash_ && (a.text_ == b.text_ || *a.text_ == *b.text_);
  }

 private:
  std::shared_ptr<const std::string> text_;
  std::uint64_t hash_ = 0;
};

/// One entry of a directory gets a new target, or none.
struct name_change {
  inode_number directory = no_inode;
  entry_name name;
  inode_number target = no_inode;
};

/// A volatile operation. They are kept in program order.
struct operation {
  enum class kind : std::uint8_t {
    chunk,  ///< a sector of a file gets new bytes
    size,   ///< a file gets a new size
    names   ///< one entry changes, or two at once
  };

  kind what = kind::chunk;
  std::uint8_t changes = 0;  ///< how many of `names` are meant
  bool durable = false;  ///< survives; waits here for an earlier operation on the same thing, which may yet be dropped
  bool attempted = false;         ///< was in a log write that failed
  inode_number inode = no_inode;  ///< of chunk and size
  std::uint32_t sector = 0;
  std::uint64_t size = 0;
  sector_ref content;
  std::array<name_change, 2> names;

  std::span<const name_change> name_changes() const noexcept { return {names.data(), changes}; }
  bool refers_to(inode_number target) const noexcept;  ///< gives it a name
  bool changes_directory(inode_number directory) const noexcept;
};

/// What a power loss makes of one operation on a file's bytes: it `survives`, or it does not, and then blocks that were
/// never written may show garbage, if the options say so.
void replay(file_image& image, const operation& op, bool survives, const disk_options& options);

}  // namespace wavetank::sim::disk

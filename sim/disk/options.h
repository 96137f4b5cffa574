// What kind of disk it is, and how many faults of each kind may strike it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wavetank::sim::disk {

/// Which name operations may survive a power loss, and what fsync of a file does to its names.
enum class crash_mode : std::uint8_t {
  posix,       ///< any subset; fsync of a file says nothing about names
  linux_like,  ///< any subset; fsync of a file makes the names that refer to it durable
  journal,     ///< a prefix; fsync of a file makes its names durable, with every earlier name operation
};

std::string_view to_string(crash_mode mode) noexcept;

/// What a file system does after its log could not be written.
enum class shutdown_style : std::uint8_t {
  read_only,  ///< changes answer EROFS, reads go on (ext4, btrfs)
  dead,       ///< everything answers EIO (xfs)
};

/// What can go wrong. Each has a budget; a budget of 0 means that nobody is asked.
enum class fault_kind : std::uint8_t {
  eio_read,             ///< a read fails once
  eio_write,            ///< a write or a change of names fails at once
  eio_fsync,            ///< data cannot be written back: pages count as clean, chunks may be lost
  enospc,               ///< at a write or a new name; at fsync as `eio_fsync`
  edquot,               ///< the same
  emfile,               ///< at open
  erofs,                ///< at a change
  eintr,                ///< at open, read and write
  short_read,           ///< a read moves fewer bytes than there are
  short_write,          ///< a write moves fewer bytes than asked
  log_failure,          ///< the log cannot be written: names are undetermined, the file system shuts down
  lost_write,           ///< a chunk never reaches the medium, and nobody is told
  misdirected_write,    ///< a chunk reaches another sector
  bit_rot,              ///< a bit on the medium flips
  latent_sector_error,  ///< a sector cannot be read any more until it is written
  lying_flush,          ///< a sync answers success and has made nothing durable
  delay,                ///< a call takes long
  stall,                ///< a call takes very long
};

inline constexpr std::size_t fault_kinds = 18;

std::string_view to_string(fault_kind kind) noexcept;

/// How many faults of each kind may still strike.
class fault_budget {
 public:
  constexpr std::uint32_t& operator[](fault_kind kind) noexcept { return left_[static_cast<std::size_t>(kind)]; }
  constexpr std::uint32_t operator[](fault_kind kind) const noexcept { return left_[static_cast<std::size_t>(kind)]; }

 private:
  std::array<std::uint32_t, fault_kinds> left_{};
};

struct disk_options {
  crash_mode mode = crash_mode::linux_like;
  shutdown_style after_log_failure = shutdown_style::read_only;
  /// What survives a power loss or not as one: 512 or 4096. Writes are torn at its multiples, in any subset.
  std::uint32_t sector_bytes = 4096;
  /// A size that survives without its data shows garbage instead of zeros.
  bool writeback = false;
  /// Write-back may make an operation durable before any call.
  bool background_write_back = false;
  bool hard_links = true;         ///< without them, link answers EPERM
  bool exclusive_renames = true;  ///< without them, rename with no-replace answers EINVAL
  fault_budget faults;
};

}  // namespace wavetank::sim::disk

// The simulated disk: inodes and directories in two layers, and what a power loss makes of them.
//
// It stands for a local file system (ext4 ordered, xfs, btrfs) on a disk with a volatile cache: what the kernel shows
// is the durable layer with all volatile operations applied. Checked against crash states and fsync failures that were
// measured on such file systems (tests/disk). It falls short: no rmdir, no rename of directories, no symbolic links, no
// "..", no permissions, times or capacity; a sector is written back whole.
//
// A pure state machine: no clock, no tasks. Whatever POSIX leaves open is asked of a `decider`. Copies share what
// neither has written, so that a copy a crash state is cheap. One disk is for one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/sim/disk/decider.h>
#include <wavetank/sim/disk/inode.h>
#include <wavetank/sim/disk/operation.h>
#include <wavetank/sim/disk/options.h>

#include <tl/expected.hpp>

namespace wavetank::sim::disk {

/// Who has files open and is killed as one. The disk's user numbers them.
using process_id = std::uint32_t;
/// An open description. Never reused.
using descriptor = std::uint64_t;

/// The answer of a system call, or an errno of Linux.
template <class T>
using result = tl::expected<T, int>;

/// Which free operations survive, in program order: 1 or 0 for each.
using survivors = std::vector<std::uint8_t>;

class disk {
 public:
  explicit disk(const disk_options& options = {});

  // System calls. Paths are absolute. The errors are those of Linux. Each is one call of the kernel: EINTR and short
  // transfers are seen here.
  result<descriptor> open(process_id process, std::string_view path, open_mode mode, decider& choices);
  result<void> close(descriptor file);
  result<std::size_t> read(descriptor file, std::uint64_t offset, std::span<std::byte> room, decider& choices);
  result<std::size_t> write(descriptor file, std::uint64_t offset, std::span<const std::byte> bytes, decider& choices);
  result<void> truncate(descriptor file, std::uint64_t size, decider& choices);
  /// fsync and fdatasync: the size is always included. Also of a directory that is open.
  result<void> fsync(descriptor file, decider& choices);
  result<void> drop_cache(descriptor file);
  result<void> lock(descriptor file);
  result<file_status> stat(descriptor file) const;
  result<file_status> stat(std::string_view path) const;
  result<void> link(std::string_view from, std::string_view to, decider& choices);
  result<void> unlink(std::string_view path, decider& choices);
  result<void> rename(std::string_view from, std::string_view to, rename_mode mode, decider& choices);
  result<void> mkdir(std::string_view path, decider& choices);
  result<std::vector<directory_entry>> list(std::string_view path, decider& choices);

  // The world around the processes.
  /// How long the next call takes: nothing, unless a delay or a stall strikes.
  std::chrono::nanoseconds draw_delay(decider& choices);
  /// Makes one allowed operation durable, or none.
  void write_back(decider& choices);
  /// As `sync()`: writes everything back. What fails is reported by the next fsync of the file.
  void sync_all(decider& choices);
  /// Drops every clean page, as /proc/sys/vm/drop_caches.
  void drop_caches();
  /// Closes what the process has open and drops its locks, and nothing else.
  void kill(process_id process);
  /// The machine restarts: of the free operations survives what is decided. No descriptor survives.
  void power_loss(decider& choices);
  /// The disk as a machine finds it after a power loss in which these operations survived, which must be `allowed`.
  disk after_power_loss(const survivors& chosen) const;
  bool allowed(const survivors& chosen) const;

  // For enumerations, judges and pictures.
  const disk_options& options() const noexcept { return options_; }
  fault_budget& faults() noexcept { return options_.faults; }
  /// Volatile operations in program order; the free ones are those that are not `durable`.
  std::span<const operation> operations() const noexcept { return operations_; }
  std::size_t free_operations() const noexcept;
  /// By number, so that parents come before their children.
  using inode_table = std::vector<std::pair<inode_number, cow<inode>>>;
  const inode_table& inodes() const noexcept { return inodes_; }
  std::size_t open_descriptions() const noexcept { return open_.size(); }
  bool shut_down() const noexcept { return shut_down_; }

 private:
  disk(const disk_options& options, inode_table inodes, inode_number next_inode, descriptor next_descriptor);

  struct open_description {
    descriptor number;
    process_id process;
    inode_number file;
    open_mode mode;
    std::uint32_t errors_seen;
  };
  /// Where a path leads: the directory, the last component, and what it names now.
  struct place {
    inode_number directory;
    std::string_view name;
    inode_number target;
  };

  // Tables.
  const inode* find(inode_number number) const noexcept;
  const inode& at(inode_number number) const noexcept;
  inode& modify(inode_number number);
  open_description* description(descriptor file) noexcept;
  const open_description* description(descriptor file) const noexcept;
  inode_number add_inode(file_kind kind);

  // Names.
  result<place> resolve(std::string_view path) const;
  result<inode_number> existing(std::string_view path) const;
  bool leads_through(std::string_view path, inode_number directory) const;
  void change_names(std::initializer_list<name_change> changes);
  result<void> may_change() const;
  result<void> may_read() const;
  static file_status status_of(const inode& file) noexcept;

  // Faults.
  std::optional<fault_kind> strike(std::initializer_list<fault_kind> kinds, decider& choices, std::string_view label);
  static int error_of(fault_kind kind) noexcept;
  static std::size_t shortened(std::size_t length, decider& choices);
  bool can_decay(const inode& file, std::uint32_t sector) const noexcept;
  void decay(fault_kind kind, inode_number number, std::uint64_t offset, std::size_t length, decider& choices);

  // Data.
  file_image medium(inode_number number) const;
  void evict(inode_number number);
  std::uint64_t medium_size(inode_number number) const;
  void write_sector(inode_number number, std::uint32_t index, std::size_t from, std::span<const std::byte> bytes);

  // Syncs.
  bool has_data_to_write(inode_number number) const noexcept;
  void write_data(inode_number number, decider& choices);
  bool reaches_the_medium(operation& op, decider& choices);
  void misdirect(operation& op, decider& choices);
  void lose_data(inode_number number, int error_number, decider& choices);
  std::vector<std::size_t> names_synced_with(inode_number number) const;
  void fail_log(inode_number number);
  bool attempted(inode_number number) const;
  void settle();
  void make_durable(const operation& op);
  void sweep();
  bool mentioned(inode_number number) const noexcept;
  void reboot();

  disk_options options_;
  inode_table inodes_;
  std::vector<operation> operations_;
  std::vector<open_description> open_;
  std::vector<inode_number> nameless_;  ///< neither shown nor open: freed once nothing on the medium can name them
  inode_number next_inode_ = root_inode;
  descriptor next_descriptor_ = 1;
  bool shut_down_ = false;
};

}  // namespace wavetank::sim::disk

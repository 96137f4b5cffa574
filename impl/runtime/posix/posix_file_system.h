// The production file system: system calls of Linux, as they are.
#pragma once

#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/impl/runtime/posix/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wavetank {

/// An open file of `posix_file_system`.
class posix_file {
 public:
  posix_file() = default;

 private:
  friend class posix_file_system;
  posix_file(posix_descriptor&& opened, bool aligned) noexcept : descriptor_(std::move(opened)), aligned_(aligned) {}

  posix_descriptor descriptor_;
  bool aligned_ = false;  ///< O_DIRECT: reads must be aligned
};

/// The `file_system` concept on system calls; each blocks the calling thread. Relative paths start at the process's
/// working directory. Stateless; thread-safe. Locks are `flock`'s: a child that is forked without exec shares them.
/// Files are created with mode 0666, directories with 0777, less the umask.
class posix_file_system {
 public:
  using file = posix_file;

  io_result<file> open(std::string_view path, open_mode mode) const;
  io_result<void> close(file closing) const;
  io_result<std::size_t> pread(const file& from, std::uint64_t offset, std::span<std::byte> room) const;
  io_result<void> pwrite(const file& to, std::uint64_t offset, std::span<const std::byte> bytes) const;
  io_result<void> truncate(const file& of, std::uint64_t size) const;
  io_result<void> fdatasync(const file& of) const;
  io_result<void> fsync(const file& of) const;
  io_result<void> fsync_directory(std::string_view path) const;
  io_result<void> link(std::string_view from, std::string_view to) const;
  io_result<void> unlink(std::string_view path) const;
  io_result<void> rename(std::string_view from, std::string_view to, rename_mode mode) const;
  io_result<void> mkdir(std::string_view path) const;
  io_result<std::vector<directory_entry>> list(std::string_view path) const;
  io_result<file_status> stat(std::string_view path) const;
  io_result<file_status> stat(const file& of) const;
  io_result<void> lock(const file& of) const;
  io_result<void> drop_cache(const file& of) const;
};

static_assert(file_system<posix_file_system>);

}  // namespace wavetank

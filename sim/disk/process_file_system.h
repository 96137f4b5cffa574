// The file system of one process on a simulated disk.
//
// The seam to a scheduler is `call_watcher`: it is told of each call of the kernel before it happens, and of the time
// that the call takes. Without one, calls happen at once. Several of these on one disk are several processes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/sim/disk/disk.h>

namespace wavetank::sim::disk {

/// Who wants to know of the calls of a process: the binding to a scheduler.
class call_watcher {
 public:
  virtual ~call_watcher() = default;
  /// The call is about to happen. May suspend the caller, and may unwind it: then it has not happened. False says that
  /// the process is dead and cannot be unwound here: the call does not happen either and answers EIO to nobody. `path`
  /// names the file as it was opened, or what the call was given first. A write that the kernel cuts short is several
  /// calls.
  [[nodiscard]] virtual bool before_call(io_call /*call*/, std::string_view /*path*/) { return true; }
  /// The call took this long. Only called for more than nothing.
  virtual void elapse(std::chrono::nanoseconds /*duration*/) {}
};

/// The `file_system` concept. Disk, decider and watcher must outlive it and its files; one thread at a time.
class process_file_system {
 public:
  class file;

  process_file_system(disk& on, process_id process, decider& choices, call_watcher& watcher) noexcept
      : disk_(&on), process_(process), choices_(&choices), watcher_(&watcher) {}

  io_result<file> open(std::string_view path, open_mode mode);
  io_result<void> close(file closing);
  io_result<std::size_t> pread(file& from, std::uint64_t offset, std::span<std::byte> room);
  io_result<void> pwrite(file& to, std::uint64_t offset, std::span<const std::byte> bytes);
  io_result<void> truncate(file& of, std::uint64_t size);
  io_result<void> fdatasync(file& of);
  io_result<void> fsync(file& of);
  io_result<void> fsync_directory(std::string_view path);
  io_result<void> link(std::string_view from, std::string_view to);
  io_result<void> unlink(std::string_view path);
  io_result<void> rename(std::string_view from, std::string_view to, rename_mode mode);
  io_result<void> mkdir(std::string_view path);
  io_result<std::vector<directory_entry>> list(std::string_view path);
  io_result<file_status> stat(std::string_view path);
  io_result<file_status> stat(file& of);
  io_result<void> lock(file& of);
  io_result<void> drop_cache(file& of);

 private:
  template <class Call>
  auto call(io_call what, std::string_view path, Call&& happen);
  template <class Call>
  auto whole_call(io_call what, std::string_view path, Call&& happen);

  disk* disk_;
  process_id process_;
  decider* choices_;
  call_watcher* watcher_;
};

/// Closes when destroyed. After its process was killed or the machine restarted, that does nothing.
class process_file_system::file {
 public:
  file() = default;
  file(file&& other) noexcept
      : disk_(std::exchange(other.disk_, nullptr)), number_(other.number_), path_(std::move(other.path_)) {}
  file& operator=(file&& other) noexcept {
    file{std::move(other)}.swap(*this);
    return *this;
  }
  ~file() {
    if (disk_ != nullptr) static_cast<void>(disk_->close(number_));
  }

 private:
  friend class process_file_system;
  file(disk& on, descriptor number, std::string_view path) : disk_(&on), number_(number), path_(path) {}
  void swap(file& other) noexcept {
    std::swap(disk_, other.disk_);
    std::swap(number_, other.number_);
    path_.swap(other.path_);
  }

  disk* disk_ = nullptr;
  descriptor number_ = 0;
  std::string path_;
};

static_assert(file_system<process_file_system>);

}  // namespace wavetank::sim::disk

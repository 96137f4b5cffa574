// The file system for fibers: each call is made by an I/O thread, and only the fiber that asks waits for it.
#pragma once

#include <wavetank/impl/runtime/fiber/io_threads.h>
#include <wavetank/impl/runtime/file_system.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace wavetank {

/// The `file_system` concept; what `posix_file_system` promises. Thread-safe; must outlive the calls. The destructor of
/// a file closes it on the calling thread.
class fiber_file_system {
 public:
  using file = posix_file;

  /// As many calls at once as there are threads; disks gain little from more.
  explicit fiber_file_system(unsigned threads = 4) : threads_(threads) {}

  io_result<file> open(std::string_view path, open_mode mode) {
    return threads_.run([&] { return calls_.open(path, mode); });
  }
  io_result<void> close(file closing) {
    return threads_.run([&] { return calls_.close(std::move(closing)); });
  }
  io_result<std::size_t> pread(const file& from, std::uint64_t offset, std::span<std::byte> room) {
    return threads_.run([&] { return calls_.pread(from, offset, room); });
  }
  io_result<void> pwrite(const file& to, std::uint64_t offset, std::span<const std::byte> bytes) {
    return threads_.run([&] { return calls_.pwrite(to, offset, bytes); });
  }
  io_result<void> truncate(const file& of, std::uint64_t size) {
    return threads_.run([&] { return calls_.truncate(of, size); });
  }
  io_result<void> fdatasync(const file& of) {
    return threads_.run([&] { return calls_.fdatasync(of); });
  }
  io_result<void> fsync(const file& of) {
    return threads_.run([&] { return calls_.fsync(of); });
  }
  io_result<void> fsync_directory(std::string_view path) {
    return threads_.run([&] { return calls_.fsync_directory(path); });
  }
  io_result<void> link(std::string_view from, std::string_view to) {
    return threads_.run([&] { return calls_.link(from, to); });
  }
  io_result<void> unlink(std::string_view path) {
    return threads_.run([&] { return calls_.unlink(path); });
  }
  io_result<void> rename(std::string_view from, std::string_view to, rename_mode mode) {
    return threads_.run([&] { return calls_.rename(from, to, mode); });
  }
  io_result<void> mkdir(std::string_view path) {
    return threads_.run([&] { return calls_.mkdir(path); });
  }
  io_result<std::vector<directory_entry>> list(std::string_view path) {
    return threads_.run([&] { return calls_.list(path); });
  }
  io_result<file_status> stat(std::string_view path) {
    return threads_.run([&] { return calls_.stat(path); });
  }
  io_result<file_status> stat(const file& of) {
    return threads_.run([&] { return calls_.stat(of); });
  }
  io_result<void> lock(const file& of) {
    return threads_.run([&] { return calls_.lock(of); });
  }
  io_result<void> drop_cache(const file& of) {
    return threads_.run([&] { return calls_.drop_cache(of); });
  }

 private:
  posix_file_system calls_;
  io_threads threads_;
};

static_assert(file_system<fiber_file_system>);

}  // namespace wavetank

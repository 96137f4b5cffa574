// A file that is being written under a temporary name, and goes when it is not wanted.
#pragma once

#include <wavetank/impl/runtime/file_system.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace wavetank {

/// Owns the name: `discard`, or the destructor, removes it. One task at a time.
template <file_system F>
class temporary_file {
 public:
  static io_result<temporary_file> create(F& files, std::string path) {
    auto file = files.open(path, open_mode::create_exclusive);
    if (!file) return tl::make_unexpected(file.error());
    return temporary_file{files, std::move(path), std::move(*file)};
  }

  temporary_file(temporary_file&& other) noexcept
      : files_(std::exchange(other.files_, nullptr)),
        path_(std::move(other.path_)),
        file_(std::move(other.file_)),
        named_(other.named_) {}
  temporary_file& operator=(temporary_file&&) = delete;
  ~temporary_file() {
    if (files_ != nullptr) static_cast<void>(discard());
  }

  const std::string& path() const noexcept { return path_; }
  typename F::file& file() noexcept { return file_; }

  io_result<void> write(std::uint64_t offset, std::span<const std::byte> bytes) {
    return files_->pwrite(file_, offset, bytes);
  }
  io_result<void> sync() { return files_->fdatasync(file_); }

  /// Removes the temporary name, if it has one still; the file lives on under others.
  io_result<void> discard() {
    F& files = *std::exchange(files_, nullptr);
    auto removed = named_ ? files.unlink(path_) : io_result<void>{};
    auto closed = files.close(std::move(file_));
    return removed ? closed : removed;
  }
  /// It was renamed.
  void lost_its_name() noexcept { named_ = false; }

 private:
  temporary_file(F& files, std::string path, typename F::file file)
      : files_(&files), path_(std::move(path)), file_(std::move(file)) {}

  F* files_;
  std::string path_;
  typename F::file file_;
  bool named_ = true;
};

}  // namespace wavetank

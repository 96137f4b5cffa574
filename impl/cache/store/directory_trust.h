// Whether a directory's names can still be made durable.
//
// After the first fsync of a directory that fails nothing is known about the names that it was to make durable, and a
// later one that succeeds says nothing about them (Linux reports each error once). So the first failure is remembered
// until the process starts anew: nothing is acknowledged in that directory any more, while reads go on.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <string>
#include <utility>

namespace wavetank {

/// One directory. Thread-safe.
template <runtime R, file_system F>
class directory_trust {
 public:
  directory_trust(F& files, std::string path) : files_(&files), path_(std::move(path)) {}

  const std::string& path() const noexcept { return path_; }
  /// Sequentially consistent: whoever saw a row acknowledged after a failure would have to see the failure.
  bool trusted() const { return trusted_.load() != 0; }

  /// Makes the names in it durable. Once this has failed, it fails for ever, with EIO.
  io_result<void> sync() {
    if (!trusted()) return tl::make_unexpected(io_error{io_call::fsync_directory, EIO});
    auto synced = files_->fsync_directory(path_);
    if (!synced) trusted_.store(0);
    // Another task's failure may have been about our names.
    if (synced && !trusted()) return tl::make_unexpected(io_error{io_call::fsync_directory, EIO});
    return synced;
  }

  void distrust() { trusted_.store(0); }

 private:
  F* files_;
  std::string path_;
  typename R::template atomic<std::uint32_t> trusted_{1};
};

}  // namespace wavetank

// A file of any file system as a source of `.kvc` bytes.
#pragma once

#include <wavetank/impl/runtime/file_system.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include <tl/expected.hpp>

namespace wavetank {

/// Reads through; the file system and the file must outlive it.
template <file_system F>
class kvc_file_source {
 public:
  kvc_file_source(F& files, typename F::file& file) noexcept : files_(&files), file_(&file) {}

  tl::expected<std::size_t, int> read(std::uint64_t offset, std::span<std::byte> into) {
    const auto read = files_->pread(*file_, offset, into);
    if (!read) return tl::make_unexpected(read.error().error_number);
    return *read;
  }

 private:
  F* files_;
  typename F::file* file_;
};

}  // namespace wavetank

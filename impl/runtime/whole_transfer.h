// Reads and writes that the kernel cuts short or interrupts, carried to their end.
#pragma once

#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <cstddef>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank {

/// Calls `step()`, which answers `tl::expected<T, int>` with an errno, until that is not EINTR.
template <class Step>
auto uninterrupted(Step&& step) {
  for (;;) {
    auto answer = step();
    if (answer || answer.error() != EINTR) return answer;
  }
}

/// Calls `step(done)` for the bytes from `done` on until `wanted` bytes are moved. `step` answers how many it moved, or
/// an errno. Less than `wanted` only if a step moved nothing.
template <class Step>
io_result<std::size_t> transfer_whole(io_call call, std::size_t wanted, Step&& step) {
  std::size_t done = 0;
  while (done < wanted) {
    const tl::expected<std::size_t, int> moved = uninterrupted([&] { return step(done); });
    if (!moved) return tl::make_unexpected(io_error{call, moved.error()});
    if (*moved == 0) break;
    done += *moved;
  }
  return done;
}

/// Writes all of `wanted` bytes by `step` or fails, with the bytes that found no place.
template <class Step>
io_result<void> write_whole(std::size_t wanted, Step&& step) {
  std::size_t done = 0;
  const auto written = transfer_whole(io_call::pwrite, wanted, [&](std::size_t from) {
    done = from;
    return step(from);
  });
  if (!written) return tl::make_unexpected(io_error{io_call::pwrite, written.error().error_number, wanted - done});
  if (*written < wanted) return tl::make_unexpected(io_error{io_call::pwrite, EIO, wanted - *written});
  return {};
}

}  // namespace wavetank

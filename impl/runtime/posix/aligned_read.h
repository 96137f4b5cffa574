// Reads from a descriptor that was opened with O_DIRECT.
#pragma once

#include <wavetank/impl/runtime/file_system.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace wavetank {

/// As a whole `pread`, through an aligned buffer of at most 1 MiB; any offset and length will do.
io_result<std::size_t> aligned_read(int descriptor, std::uint64_t offset, std::span<std::byte> room);

}  // namespace wavetank

// How a program's disk differs from a plain one: a number in its settings, a bit for each difference.
#pragma once

#include <cstdint>

#include <wavetank/sim/disk/options.h>

namespace wavetank::props {

inline constexpr std::uint64_t most_disk_kind = 15;

/// 1: sectors of 4096 bytes, not 512. 2: garbage where a size has survived without its data. 4: what was written may
/// become durable at any time. 8: a file system whose log has failed answers nothing any more, not even reads.
inline void make_kind(sim::disk::disk_options& disk, std::uint64_t kind) noexcept {
  disk.sector_bytes = (kind & 1U) != 0 ? 4096 : 512;
  disk.writeback = (kind & 2U) != 0;
  disk.background_write_back = (kind & 4U) != 0;
  disk.after_log_failure = (kind & 8U) != 0 ? sim::disk::shutdown_style::dead : sim::disk::shutdown_style::read_only;
}

}  // namespace wavetank::props

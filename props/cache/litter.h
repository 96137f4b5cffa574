// What a start may meet besides rows: a file that the disk has damaged, and what a writer left when it died.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/props/cache/followed_file_system.h>
#include <wavetank/props/cache/saved_content.h>
#include <wavetank/sim/engine/scheduler.h>
#include <wavetank/sim/machine.h>

namespace wavetank::props {

inline constexpr std::uint64_t intact_key = 1;
inline constexpr std::uint64_t damaged_key = 2;

/// A temporary file that nobody finishes. Its name is not synced.
inline void leave_temporary_file(followed_file_system& files) {
  const std::string name = kvc_temporary_name(cache_key_of(intact_key), "of_a_dead_writer");
  const auto left = files.open(std::string(cache_folder) + "/" + name, open_mode::create_exclusive);
  sim::require(left.has_value(), "a temporary file can be left");
}

/// On the medium, in the head.
inline void damage_file(sim::file_system& files) {
  auto file = files.open(path_of(damaged_key), open_mode::read_write);
  const bool done =
      file && files.pwrite(*file, kvc_layout::token_count_offset, std::array{std::byte{9}}) && files.fsync(*file);
  sim::require(done, "a file can be damaged");
}

/// One damaged file went there, however often it was found.
inline void judge_quarantine(sim::file_system& files, const std::string& when) {
  const auto entries = files.list(std::string(cache_folder) + "/" + std::string(kvc_quarantine_folder));
  const bool there =
      entries && entries->size() == 1 && entries->front().name == kvc_final_name(cache_key_of(damaged_key));
  sim::require(there, when + ": the damaged file is in the quarantine, once");
}

}  // namespace wavetank::props

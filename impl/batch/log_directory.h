// The names in a log's directory: one a segment, by its number, the one in the making, and the lock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/impl/runtime/file_system.h>

namespace wavetank {

/// "log-000000000000002a": sorted by name is sorted by number.
std::string segment_name(std::uint64_t segment);
/// The inverse; nothing for other names.
std::optional<std::uint64_t> segment_of_name(std::string_view name) noexcept;

inline constexpr std::string_view log_lock_name = "lock";
inline constexpr std::string_view segment_in_the_making = "log.new";

/// The segments in a directory, ascending.
template <file_system F>
io_result<std::vector<std::uint64_t>> list_segments(F& files, const std::string& directory) {
  const auto entries = files.list(directory);
  if (!entries) return tl::make_unexpected(entries.error());
  std::vector<std::uint64_t> found;
  for (const auto& one : *entries) {
    if (const auto number = segment_of_name(one.name)) found.push_back(*number);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace wavetank

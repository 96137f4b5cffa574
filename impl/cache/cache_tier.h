// Where a row's bytes are.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wavetank {

enum class cache_tier : std::uint8_t {
  ram,       ///< in this process's memory
  ram_file,  ///< in a file on a file system in memory: gone with the machine
  disk,      ///< in a file on a disk
};

inline constexpr std::array cache_tiers{cache_tier::ram, cache_tier::ram_file, cache_tier::disk};

constexpr std::string_view to_string(cache_tier tier) noexcept {
  switch (tier) {
    case cache_tier::ram:
      return "ram";
    case cache_tier::ram_file:
      return "ram_file";
    case cache_tier::disk:
      return "disk";
  }
  return "unknown tier";
}

/// Whether rows of the tier are files.
constexpr bool has_files(cache_tier tier) noexcept { return tier != cache_tier::ram; }

}  // namespace wavetank

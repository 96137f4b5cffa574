// What a prefix cache is told.
#pragma once

#include <wavetank/impl/cache/reservation_table_options.h>
#include <wavetank/impl/cache/store/save_options.h>
#include <wavetank/impl/option_error.h>

#include <chrono>
#include <optional>
#include <string>

#include <tl/expected.hpp>

namespace wavetank {

struct prefix_cache_options {
  std::string disk_path{};      ///< of the tier `disk`; empty: there is none
  std::string ram_file_path{};  ///< of the tier `ram_file`; empty: there is none
  save_options saves{};
  reservation_table_options table{};
  /// How often the cache sweeps by itself, in a task of its own; none: whoever has it calls `sweep`. With fibers it is
  /// one of the thread that opens the cache, which then must not end before it.
  std::optional<std::chrono::nanoseconds> sweep_interval = std::chrono::seconds(30);
};

/// Times are between 1 ns and a day; two tiers do not share a directory.
tl::expected<void, option_error> validate(const prefix_cache_options& options);

}  // namespace wavetank

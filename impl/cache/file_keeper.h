// Who looks after the files of rows: what the reservation table asks of it, never with a lock held.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cstdint>
#include <string>
#include <variant>

#include <tl/expected.hpp>

namespace wavetank {

struct no_file {};
/// It may have been moved out of the way.
struct invalid_file {};
/// What is under a final name; a row's content where that is valid.
using file_sight = std::variant<no_file, invalid_file, row_content>;

/// Thread-safe. Calls may take long.
class file_keeper {
 public:
  virtual ~file_keeper() = default;

  /// Validates the final file of a key completely, as the medium has it, and makes the name of a valid one durable. An
  /// error if what is there cannot be told.
  virtual io_result<file_sight> adopt(const cache_key& key, cache_tier tier, const std::string& path) = 0;

  /// Removes a final file and says how many bytes that freed: 0 if there was none.
  virtual io_result<std::uint64_t> remove(cache_tier tier, const std::string& path) = 0;

  /// Writes a row's hits and last use (Unix time) into its file, best effort, in place.
  virtual void record_use(const std::string& path, std::uint32_t hits, std::uint64_t last_use_s) = 0;
};

}  // namespace wavetank

// Reads a history file, plain or gzip, line by line within a memory limit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <wavetank/model/lin/history_parser.h>

namespace wavetank::lin {

/// What kept a file from being read.
struct file_error {
  enum class kind : std::uint8_t {
    unreadable,  ///< it cannot be opened or read, or is damaged
    malformed,   ///< a line is no operation
    too_large,   ///< the operations alone take more than the limit: no verdict
  } what = kind::unreadable;
  input_error detail;
};

/// All operations of the file at `path`, gzip or plain whatever its name. Holds at most about `limit_bytes`; a line may
/// take an eighth of it.
[[nodiscard]] tl::expected<std::vector<line_operation>, file_error> read_history_file(const std::string& path,
                                                                                      std::uint64_t limit_bytes);

}  // namespace wavetank::lin

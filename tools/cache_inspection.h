// What a cache directory holds, file by file, and what of it is damaged; and the repair of that.
//
// It promises: without a repair nothing is changed, created or locked, so that a cache that is in use can be looked at.
// A repair takes the directory's lock; it moves damaged files to the quarantine and removes temporary files, whose
// writers are gone then. Nothing else is touched, and nothing that may be somebody's data is removed.
//
// A symbolic link is judged by what it leads to; a repair moves the link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/quant_type.h>
#include <wavetank/impl/cache/save_reason.h>

namespace wavetank::tools {

struct cache_inspection_order {
  std::string directory;
  bool verify_payloads = false;  ///< else sizes, heads and names
  bool repair = false;
};

/// A file that can be read under its key, as far as was looked.
struct inspected_row {
  std::string key;  ///< in hexadecimal digits
  std::uint64_t file_bytes = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t tokens = 0;
  std::uint32_t context_size = 0;
  std::uint32_t hits = 0;
  std::uint64_t creation_time_s = 0;  ///< Unix time
  std::uint64_t last_use_s = 0;       ///< Unix time
  quant_type quant = quant_type::f32;
  wavetank::save_reason save_reason = wavetank::save_reason::unknown;
  bool head_checksummed = false;
};

/// What became of a file that should not be there.
enum class repair_outcome : std::uint8_t {
  not_asked,
  repaired,  ///< moved to the quarantine, or, a temporary file, removed
  left,      ///< could not be, or is not to be: not readable today it may be tomorrow, and a folder is somebody's
};

struct damaged_file {
  std::string name;
  kvc_error reason;
  repair_outcome outcome = repair_outcome::not_asked;
};

struct temporary_name {
  std::string name;
  repair_outcome outcome = repair_outcome::not_asked;
};

/// Each list in the order of names.
struct cache_inspection {
  std::vector<inspected_row> rows;
  std::vector<damaged_file> damaged;
  std::vector<temporary_name> temporaries;
  std::vector<std::string> quarantined;  ///< names in the quarantine, those of this repair among them
  std::vector<std::string> foreign;      ///< names that are none of the cache's
};

/// Is told of each file before it is looked at, and now and then while its payload is read: how many files are done of
/// how many, the name, which part of the file was read (0 to 1), and how many bytes of all files.
using inspection_progress = std::function<void(std::size_t done, std::size_t of, const std::string& name, double share,
                                               std::uint64_t bytes_read)>;

/// The directory's content, or in one line why it cannot be looked at or repaired and what to do.
tl::expected<cache_inspection, std::string> inspect_cache(const cache_inspection_order& order,
                                                          const inspection_progress& progress);

}  // namespace wavetank::tools

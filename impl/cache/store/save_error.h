// Why a save failed.
#pragma once

#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wavetank {

enum class save_problem : std::uint8_t {
  max_concurrent,       ///< no permit before the deadline
  already_present,      ///< the key can be read
  conflict,             ///< somebody else saves the key, or it is being removed or looked at
  expired,              ///< the reservation lapsed, or its owner was taken for dead, while the file was written
  missing_field,        ///< the metadata lacks something, or has a value that there is not: `file`
  unsupported_tier,     ///< `ram` has no files, or the tier has no directory
  too_large,            ///< `file` says what
  over_quota,           ///< everything that could make room is pinned
  directory_untrusted,  ///< an earlier sync of the directory failed: nothing is saved in it before a restart
  io,                   ///< `cause` failed
  corrupt,              ///< what was read back is not what was written: `file`
};

constexpr std::string_view to_string(save_problem problem) noexcept {
  switch (problem) {
    case save_problem::max_concurrent:
      return "too many saves at once";
    case save_problem::already_present:
      return "already present";
    case save_problem::conflict:
      return "somebody else is saving it";
    case save_problem::expired:
      return "the reservation has expired";
    case save_problem::missing_field:
      return "the metadata is not complete";
    case save_problem::unsupported_tier:
      return "this tier takes no files";
    case save_problem::too_large:
      return "too large";
    case save_problem::over_quota:
      return "over the tier's quota, and everything is in use";
    case save_problem::directory_untrusted:
      return "the directory could not be synced earlier; restart before anything is saved in it";
    case save_problem::io:
      return "a file call failed";
    case save_problem::corrupt:
      return "what was written reads back differently";
  }
  return "unknown problem";
}

/// A plain value.
struct save_error {
  save_problem problem = save_problem::io;
  std::optional<io_error> cause;
  std::optional<kvc_error> file;
};

/// For people, one line.
inline std::string to_string(const save_error& error) {
  std::string text{to_string(error.problem)};
  if (error.cause) text += ": " + to_string(*error.cause);
  if (error.file) text += ": " + describe(*error.file);
  return text;
}

}  // namespace wavetank

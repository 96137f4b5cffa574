// Why a cache cannot be opened.
#pragma once

#include <wavetank/impl/option_error.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cstdint>
#include <string>

namespace wavetank {

enum class directory_problem : std::uint8_t {
  locked,       ///< another process has it
  unsupported,  ///< the file system has neither hard links nor renames that do not replace
  unusable,     ///< a call failed
  bad_option,   ///< an option is out of range: `option`
};

/// For people, `to_string`.
struct directory_error {
  directory_problem problem = directory_problem::unusable;
  std::string path;
  io_error cause;
  option_error option{};
};

inline std::string to_string(const directory_error& error) {
  switch (error.problem) {
    case directory_problem::locked:
      return error.path + ": another process uses this cache directory; stop it, or choose another directory";
    case directory_problem::unsupported:
      return error.path + ": this file system has neither hard links nor exclusive renames; choose another one";
    case directory_problem::bad_option:
      return to_string(error.option);
    case directory_problem::unusable:
      break;
  }
  return error.path + ": " + to_string(error.cause);
}

}  // namespace wavetank

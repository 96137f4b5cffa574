// Where files go that the cache cannot use and that may be somebody's data: out of the way, and kept.
#pragma once

#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <string>

namespace wavetank {

/// Under its own name, or with a number where that is taken. False if it could not be moved. The quarantine is made
/// when the first file goes there.
template <runtime R, file_system F>
bool move_to_quarantine(cache_directory<R, F>& directory, const std::string& name) {
  constexpr int most_of_one_name = 1000;
  if (!directory.ready_quarantine()) return false;
  for (int i = 0; i < most_of_one_name; ++i) {
    const std::string as = i == 0 ? name : name + "." + std::to_string(i);
    auto& files = directory.files();
    const std::string from = directory.path() + "/" + name;
    const std::string to = directory.quarantine_path() + "/" + as;
    auto moved = files.rename(from, to, rename_mode::no_replace);
    if (!moved && means_no_exclusive_rename(moved.error())) {
      moved = files.link(from, to);
      if (moved) moved = files.unlink(from);
    }
    if (moved) return true;
    if (moved.error().error_number != EEXIST) return false;
  }
  return false;
}

}  // namespace wavetank

// Where files go that the cache cannot use and that may be somebody's data: out of the way, and kept.
#pragma once

#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cerrno>
#include <string>

namespace wavetank {

/// Whether a file that was refused for this is to go there. What cannot be read now may be readable tomorrow; a folder
/// is somebody's.
constexpr bool belongs_in_quarantine(const kvc_error& refusal) noexcept {
  return refusal.problem != kvc_problem::unreadable && refusal.problem != kvc_problem::not_a_file;
}

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
      // Or a power cut might keep the end of the old name and not the new one.
      if (moved) moved = files.fsync_directory(directory.quarantine_path());
      if (moved) moved = files.unlink(from);
    }
    if (moved) return true;
    if (moved.error().error_number != EEXIST) return false;
  }
  return false;
}

}  // namespace wavetank

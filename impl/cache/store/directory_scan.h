// What a cache directory holds when a process takes it over.
//
// Idempotent, and may be cut short anywhere: it removes temporary files, whose writers are gone since the directory is
// locked, and moves what does not parse to the quarantine, where a person may look at it. Nothing else changes. It
// reads heads only: a file got its final name after its bytes were durable, and its payload is checked when it is read.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/impl/cache/store/cache_directory.h>
#include <wavetank/impl/cache/store/cache_file.h>
#include <wavetank/impl/cache/store/patient_look.h>
#include <wavetank/impl/cache/store/quarantine.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/file_system.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace wavetank {

/// A file that is none of the cache's, and why.
struct rejected_file {
  std::string name;
  kvc_error reason;
  bool quarantined = false;  ///< else it is where it was
};

struct found_row {
  cache_key key;
  row_content content;
};

struct scan_report {
  std::vector<found_row> rows;
  std::vector<rejected_file> rejected;
  std::vector<std::string> foreign;  ///< names that are none of the cache's: left alone
  std::uint64_t temporaries_removed = 0;
  std::uint64_t temporaries_left = 0;  ///< could not be removed yet
};

namespace cache_store_detail {

template <runtime R, file_system F>
tl::expected<row_content, kvc_error> read_head(cache_directory<R, F>& directory, const std::string& path,
                                               const cache_key& key) {
  auto& files = directory.files();
  auto file = files.open(path, open_mode::read_medium);
  if (!file) return tl::make_unexpected(unreadable(file.error()));
  return read_row(files, *file, key, path, kvc_scrutiny::head);
}

template <runtime R, file_system F>
void scan_final(cache_directory<R, F>& directory, const std::string& name, const cache_key& key, scan_report& report) {
  const std::string path = directory.path() + "/" + name;
  const auto says_nothing = [](const auto& row) { return !row && row.error().problem == kvc_problem::unreadable; };
  auto row = look_patiently([&] { return read_head(directory, path, key); }, says_nothing);
  if (row) {
    report.rows.push_back({key, std::move(*row)});
    return;
  }
  const bool moved = belongs_in_quarantine(row.error()) && move_to_quarantine(directory, name);
  report.rejected.push_back({name, row.error(), moved});
}

}  // namespace cache_store_detail

/// The rows of a directory, in no particular order. `trust()` is lost if their names cannot be made durable: then they
/// can be read, but nothing may be said to be saved.
template <runtime R, file_system F>
io_result<scan_report> scan_directory(cache_directory<R, F>& directory) {
  const auto entries = directory.files().list(directory.path());
  if (!entries) return tl::make_unexpected(entries.error());
  scan_report report;
  for (const auto& entry : *entries) {
    const auto name = parse_kvc_name(entry.name);
    switch (name.kind) {
      case kvc_name_kind::final_name:
        cache_store_detail::scan_final(directory, entry.name, *name.key, report);
        break;
      case kvc_name_kind::temporary:
        ++(directory.remove_temporary(directory.path() + "/" + entry.name) ? report.temporaries_removed
                                                                           : report.temporaries_left);
        break;
      case kvc_name_kind::foreign:
        report.foreign.push_back(entry.name);
        break;
      case kvc_name_kind::quarantine:
      case kvc_name_kind::lock:
        break;
    }
  }
  static_cast<void>(directory.trust().sync());
  return report;
}

}  // namespace wavetank

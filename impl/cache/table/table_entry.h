// What the table knows of one key that is not absent.
#pragma once

#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/generation.h>
#include <wavetank/impl/cache/table/row_waiter.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/intrusive_list.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace wavetank::table_detail {

/// Guarded by the table's mutex. Fields that the status has no use for keep their initial values.
template <runtime R>
struct table_entry {
  row_status status = row_status::adopting;

  // pre_link, post_link
  std::uint64_t token = 0;
  task_id owner;
  typename R::time_point expiry{};
  place target;

  // available
  std::shared_ptr<generation<R>> current;
  std::uint64_t last_use_s = 0;
  bool use_unrecorded = false;  ///< its file says an older one

  // adopting, evicting
  bool in_work = false;                   ///< somebody is at its files, off the lock
  bool failure_told = false;              ///< a removal failed, and will again and again
  miss_reason why = miss_reason::absent;  ///< what waiters are told if no row comes of it
  std::vector<place> again;               ///< where a straggler may have linked since

  /// Whatever may be under the key's final names, but for a live reservation's.
  std::vector<std::shared_ptr<stored_file>> files;
  semaphore_detail::intrusive_list<row_waiter<R>> waiters;

  bool is_writing() const noexcept { return status == row_status::pre_link || status == row_status::post_link; }
  bool is_idle_work() const noexcept {
    return (status == row_status::adopting || status == row_status::evicting) && !in_work;
  }

  /// Claims keep the row, or a file that would go with it.
  bool is_pinned() const noexcept {
    return current->pins != 0 ||
           std::any_of(files.begin(), files.end(), [](const auto& file) { return file->pins != 0; });
  }

  /// What is known of this name, from now on if nothing was.
  std::shared_ptr<stored_file> file_at(const place& at) {
    for (const auto& file : files) {
      if (file->at == at) return file;
    }
    return files.emplace_back(std::make_shared<stored_file>(stored_file{at}));
  }

  /// The reservation, or the row, has ended: its fields are as if they had never been used.
  void forget_target() {
    token = 0;
    owner = {};
    expiry = {};
    target = {};
  }
};

}  // namespace wavetank::table_detail

// What the production worlds know of a task: identity, name, attachments and who watches for its death. Threads and
// fibers share it; a world adds only the way to find the context of whoever runs.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/attachment_table.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wavetank {

/// One living task of this process. Created by its spawner or at a foreign task's first use of a runtime; `die()` runs
/// on the task itself, at its very end.
class task_context {
 public:
  /// Enters a new task into the process-wide directory. An empty name becomes "task N".
  explicit task_context(std::string_view name);
  task_context(const task_context&) = delete;
  task_context& operator=(const task_context&) = delete;
  /// Leaves the directory. A context that is destroyed without `die()` belongs to a task that never ran.
  ~task_context();

  task_id id() const noexcept { return id_; }
  attachment_table& attachments() noexcept { return attachments_; }

  /// Tells the attachments, then the monitors, in the order in which they came, with no lock held.
  void die() noexcept;

 private:
  friend class task_directory;
  struct watcher {
    std::uint64_t ticket;
    std::function<void()> callback;
  };

  const task_id id_;
  const std::string name_;
  attachment_table attachments_;   // used by the task itself alone
  std::vector<watcher> watchers_;  // guarded by the directory's mutex
};

/// The name that a living task was given; "task N" if it has none or is dead, "nobody" for `{0}`.
std::string name_of_task(task_id id);

/// A key for `task_context::attachments()`, unique in this process.
std::uint64_t new_attachment_key() noexcept;

/// `runtime` concept, `R::monitor`: calls `callback()` once, on the dying task, when `id` dies.
class task_monitor {
 public:
  task_monitor() = default;
  template <class Runtime, std::invocable F>
  task_monitor(Runtime&, task_id id, F callback) : id_(id), ticket_(watch(id, std::move(callback))) {}
  task_monitor(task_monitor&& other) noexcept
      : id_(std::exchange(other.id_, {})), ticket_(std::exchange(other.ticket_, 0)) {}
  task_monitor& operator=(task_monitor&& other) noexcept {
    if (this == &other) return *this;
    disarm();
    id_ = std::exchange(other.id_, {});
    ticket_ = std::exchange(other.ticket_, 0);
    return *this;
  }
  ~task_monitor() { disarm(); }

  /// False if the task was dead or unknown when the monitor was made, or the monitor was disarmed or moved from.
  bool armed() const noexcept { return ticket_ != 0; }

  /// Does not wait: a callback that is on its way still runs.
  void disarm() noexcept {
    if (ticket_ != 0) unwatch(id_, std::exchange(ticket_, 0));
  }

 private:
  static std::uint64_t watch(task_id id, std::function<void()> callback);
  static void unwatch(task_id id, std::uint64_t ticket) noexcept;

  task_id id_;
  std::uint64_t ticket_ = 0;
};

}  // namespace wavetank

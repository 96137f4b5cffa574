#include <wavetank/impl/runtime/task_context.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <unordered_map>

namespace wavetank {

/// All living tasks by identity. Never destroyed: threads that outlive `main` still die through it.
class task_directory {
 public:
  static task_directory& instance() noexcept {
    static task_directory& directory = *new task_directory;
    return directory;
  }

  static task_id new_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return {last.fetch_add(1, std::memory_order_relaxed) + 1};
  }

  void enter(task_context& task) {
    const std::lock_guard lock{mutex_};
    living_.emplace(task.id_.value, &task);
  }

  /// The task is dead from here on. Returns who is to be told.
  std::vector<task_context::watcher> leave(task_context& task) noexcept {
    const std::lock_guard lock{mutex_};
    living_.erase(task.id_.value);
    return std::exchange(task.watchers_, {});
  }

  std::uint64_t watch(task_id id, std::function<void()> callback) {
    const std::lock_guard lock{mutex_};
    const auto found = living_.find(id.value);
    if (found == living_.end()) return 0;
    found->second->watchers_.push_back({last_ticket_ + 1, std::move(callback)});
    return ++last_ticket_;
  }

  void unwatch(task_id id, std::uint64_t ticket) noexcept {
    std::function<void()> dropped;  // what the callback owns may be large, or call back: destroyed after the lock
    const std::lock_guard lock{mutex_};
    const auto found = living_.find(id.value);
    if (found == living_.end()) return;
    auto& watchers = found->second->watchers_;
    const auto watcher = std::find_if(watchers.begin(), watchers.end(), [&](auto& w) { return w.ticket == ticket; });
    if (watcher == watchers.end()) return;
    dropped = std::move(watcher->callback);
    watchers.erase(watcher);
  }

  std::string name_of(task_id id) {
    {
      const std::lock_guard lock{mutex_};
      const auto found = living_.find(id.value);
      if (found != living_.end() && !found->second->name_.empty()) return found->second->name_;
    }
    return id ? "task " + std::to_string(id.value) : "nobody";
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, task_context*> living_;
  std::uint64_t last_ticket_ = 0;
};

task_context::task_context(std::string_view name) : id_(task_directory::new_id()), name_(name) {
  task_directory::instance().enter(*this);
}

task_context::~task_context() { task_directory::instance().leave(*this); }

void task_context::die() noexcept {
  attachments_.owner_died();
  for (const watcher& w : task_directory::instance().leave(*this)) w.callback();
  attachments_.owner_died();  // a callback runs on this task and may have attached something to it
}

std::string name_of_task(task_id id) { return task_directory::instance().name_of(id); }

std::uint64_t new_attachment_key() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

std::uint64_t task_monitor::watch(task_id id, std::function<void()> callback) {
  return task_directory::instance().watch(id, std::move(callback));
}

void task_monitor::unwatch(task_id id, std::uint64_t ticket) noexcept {
  task_directory::instance().unwatch(id, ticket);
}

}  // namespace wavetank

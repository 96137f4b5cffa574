// Sweeping a cache, once an interval, in a task of its own.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::cache_store_detail {

/// The interval keeps its phase, unless a sweep takes longer. An exception of a sweep is logged, and the next one
/// tried; a task that dies is replaced, unless the system has none to give, which is logged.
template <runtime R>
class cache_sweeper {
 public:
  /// `sweep` is called until the sweeper is destroyed.
  cache_sweeper(R& world, std::chrono::nanoseconds interval, std::function<void()> sweep)
      : world_(&world),
        interval_(std::chrono::duration_cast<typename R::duration>(interval)),
        sweep_(std::move(sweep)),
        next_(world.now() + interval_) {
    R::label(mutex_, "sweeper");
    const std::lock_guard held{mutex_};
    start();
  }
  cache_sweeper(const cache_sweeper&) = delete;
  cache_sweeper& operator=(const cache_sweeper&) = delete;
  /// Waits for a sweep that is under way.
  ~cache_sweeper() {
    const task_shelter<R> sheltered;
    std::vector<typename R::task> tasks;
    {
      const std::lock_guard held{mutex_};
      ended_ = true;
      tasks.swap(tasks_);
      wake_up_.notify_all();
    }
    for (auto& each : tasks) join(each);
  }

 private:
  void start() {
    if (!ended_) tasks_.push_back(world_->spawn("sweeper", [this] { run(); }));
  }

  void run() {
    std::unique_lock held{mutex_};
    try {
      while (!ended_) {
        if (world_->now() < next_) {
          wake_up_.wait_until(held, next_);
          continue;
        }
        next_ += interval_;
        if (next_ <= world_->now()) next_ = world_->now() + interval_;
        held.unlock();
        sweep();
        held.lock();
      }
    } catch (...) {  // this task is being ended
      const task_shelter<R> sheltered;
      if (!held.owns_lock()) held.lock();
      replace();
      throw;
    }
  }

  void replace() noexcept {
    try {
      start();
    } catch (...) {
      world_->log(log_level::error, "cache: nobody sweeps any more: there is no task for it; call sweep");
    }
  }

  /// An exception that ended the task is no reason to end whoever destroys the cache.
  static void join(typename R::task& ended) {
    try {
      ended.join();
    } catch (...) {  // of a sweep
    }
  }

  void sweep() {
    try {
      sweep_();
    } catch (const std::exception& why) {
      world_->log(log_level::error,
                  std::string("cache: a sweep failed (") + why.what() + "); the next one tries again");
    }
  }

  R* world_;
  const typename R::duration interval_;
  const std::function<void()> sweep_;
  typename R::mutex mutex_;  ///< guards what follows
  typename R::condition_variable wake_up_;
  typename R::time_point next_;
  bool ended_ = false;
  std::vector<typename R::task> tasks_;
};

}  // namespace wavetank::cache_store_detail

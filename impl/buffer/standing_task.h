// A task of a partition that its own death replaces.
#pragma once

#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <functional>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// Does one round of its work after the other until it is ended. What the work leaves undone stays with the parts that
/// it works on, so that the next task goes on where the last one was. All but the work is under the partition's mutex.
template <runtime R>
class standing_task {
 public:
  using lock = typename partition_commons<R>::lock;
  using work = std::function<void(lock&)>;

  /// `round` waits if there is nothing to do. `last_words` are the dying task's, before there is another one.
  standing_task(partition_commons<R>& commons, std::string_view name, work round, work last_words)
      : commons_(commons), name_(name), round_(std::move(round)), last_words_(std::move(last_words)) {}

  /// Before the first start: what its work uses lives for as long as the task does.
  void belongs_to(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  void start_once() {
    if (!lives_) start();
  }
  void start() {
    if (ended_) return;
    lives_ = true;
    handles_.push_back(commons_.world.spawn(name_, [this, kept = owner_.lock()] { run(); }));
  }

  /// After this round there is none, and nobody in its place. `to` gets the handles of all there were.
  void end(std::vector<typename R::task>& to) {
    ended_ = true;
    std::move(handles_.begin(), handles_.end(), std::back_inserter(to));
    handles_.clear();
  }

 private:
  void run() {
    lock held{commons_.mutex};
    try {
      while (!ended_) round_(held);
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!held.owns_lock()) held.lock();
      lives_ = false;
      last_words_(held);
      replace();
      throw;
    }
  }

  void replace() {
    if (ended_) return;
    if (commons_.listener != nullptr) commons_.listener->restarted(commons_.index);
    start();
  }

  partition_commons<R>& commons_;
  const std::string_view name_;
  const work round_;
  const work last_words_;
  std::weak_ptr<void> owner_;
  bool lives_ = false;
  bool ended_ = false;
  std::vector<typename R::task> handles_;
};

}  // namespace wavetank::buffer_detail

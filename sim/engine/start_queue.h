// Tasks that were spawned and have not taken control yet, in the order of their spawning.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <wavetank/sim/engine/task.h>

namespace wavetank::sim {

class start_queue {
 public:
  bool empty() const noexcept { return waiting_ == 0; }
  void push(task& t) {
    tasks_.push_back(&t);
    ++waiting_;
  }
  task& pop() noexcept {
    task& first = *tasks_[tasks_.size() - waiting_];
    if (--waiting_ == 0) tasks_.clear();
    return first;
  }
  void remove(const task& t) {
    const auto first = tasks_.end() - static_cast<std::ptrdiff_t>(waiting_);
    const auto last = std::remove(first, tasks_.end(), &t);
    waiting_ = static_cast<std::size_t>(last - first);
    tasks_.erase(last, tasks_.end());
  }
  void clear() noexcept {
    tasks_.clear();
    waiting_ = 0;
  }

 private:
  std::vector<task*> tasks_;
  std::size_t waiting_ = 0;  ///< the last so many
};

}  // namespace wavetank::sim

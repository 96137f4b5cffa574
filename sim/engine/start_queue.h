// Tasks that were spawned and have not taken control yet, in the order of their spawning.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <wavetank/sim/engine/task.h>

namespace wavetank::sim {

class start_queue {
 public:
  bool empty() const noexcept { return first_ == tasks_.size(); }
  void push(task& t) { tasks_.push_back(&t); }
  task& pop() noexcept {
    task& first = *tasks_[first_++];
    if (empty()) clear();
    return first;
  }
  void remove(const task& t) {
    tasks_.erase(std::remove(tasks_.begin() + static_cast<std::ptrdiff_t>(first_), tasks_.end(), &t), tasks_.end());
  }
  void clear() noexcept {
    tasks_.clear();
    first_ = 0;
  }

 private:
  std::vector<task*> tasks_;
  std::size_t first_ = 0;
};

}  // namespace wavetank::sim

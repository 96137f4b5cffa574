// The tasks that can take a step: O(1) insertion, removal and choice by position; the order is a function of history.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include <wavetank/sim/operation.h>

namespace wavetank::sim {

class enabled_set {
 public:
  void clear(std::size_t capacity) {
    if (tasks_.size() < capacity) {
      tasks_.resize(capacity);
      position_.resize(capacity, absent);
    }
    for (std::uint32_t i = 0; i < size_; ++i) position_[tasks_[i]] = absent;
    size_ = 0;
  }

  void grow(std::size_t capacity) {
    if (tasks_.size() >= capacity) return;
    tasks_.resize(capacity * 2);
    position_.resize(capacity * 2, absent);
  }

  bool contains(task_index t) const noexcept { return position_[t] != absent; }

  void insert(task_index t) noexcept {
    assert(!contains(t));
    position_[t] = size_;
    tasks_[size_++] = t;
  }

  void erase(task_index t) noexcept {
    assert(contains(t));
    const std::uint32_t hole = position_[t];
    const task_index last = tasks_[--size_];
    tasks_[hole] = last;
    position_[last] = hole;
    position_[t] = absent;
  }

  const task_index* data() const noexcept { return tasks_.data(); }
  std::uint32_t size() const noexcept { return size_; }

 private:
  static constexpr std::uint32_t absent = ~0u;
  std::vector<task_index> tasks_;
  std::vector<std::uint32_t> position_;
  std::uint32_t size_ = 0;
};

}  // namespace wavetank::sim

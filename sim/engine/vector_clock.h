// Vector clocks, for the happens-before relation of an execution (Lamport 1978, Mattern 1989).
#pragma once

#include <cstdint>
#include <vector>

#include <wavetank/sim/operation.h>

namespace wavetank::sim {

class vector_clock {
 public:
  std::uint32_t operator[](task_index t) const noexcept { return t < at_.size() ? at_[t] : 0; }

  void tick(task_index t) {
    if (t >= at_.size()) at_.resize(t + 1u);
    ++at_[t];
  }

  void join(const vector_clock& other) {
    if (other.at_.size() > at_.size()) at_.resize(other.at_.size());
    for (std::size_t i = 0; i < other.at_.size(); ++i) {
      if (other.at_[i] > at_[i]) at_[i] = other.at_[i];
    }
  }

  /// The first task whose component here is not covered by `other`, or -1: whether this happens before that.
  int first_uncovered(const vector_clock& other) const noexcept {
    for (std::size_t i = 0; i < at_.size(); ++i) {
      if (at_[i] > other[static_cast<task_index>(i)]) return static_cast<int>(i);
    }
    return -1;
  }

  void set(task_index t, std::uint32_t value) {
    if (t >= at_.size()) at_.resize(t + 1u);
    at_[t] = value;
  }

  void clear() noexcept { at_.clear(); }

 private:
  std::vector<std::uint32_t> at_;
};

}  // namespace wavetank::sim

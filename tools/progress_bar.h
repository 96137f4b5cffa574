// How far a verification is, redrawn in place on a terminal and nowhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace wavetank::tools {

/// Thread-safe. Draws on stderr if that is a terminal, at most ten times a second; elsewhere it does nothing.
class progress_bar {
 public:
  explicit progress_bar(std::size_t properties);
  ~progress_bar() { clear(); }
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// `share` of the property's work is done, from 0 to 1, after `schedules` schedules.
  void working_on(const std::string& property, double share, std::uint64_t schedules);
  void finished_one(std::uint64_t schedules);
  /// Leaves the line empty.
  void clear();

 private:
  void draw(const std::string& property, double share, std::uint64_t schedules);

  const bool on_terminal_;
  const std::size_t properties_;
  std::mutex mutex_;  // guards what follows
  std::size_t finished_ = 0;
  std::uint64_t schedules_ = 0;  // of finished properties
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace wavetank::tools

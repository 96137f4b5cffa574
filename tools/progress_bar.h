// How far a long job is, redrawn in place on a terminal and nowhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace wavetank::tools {

/// Thread-safe. Draws on stderr if that is a terminal, at most ten times a second; elsewhere it does nothing.
class progress_bar {
 public:
  /// Of so many items, each of which is much work, counted in `unit`.
  progress_bar(std::size_t items, std::string unit);
  ~progress_bar() { clear(); }
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// `share` of the item's work is done, from 0 to 1, after `units` of it.
  void working_on(const std::string& item, double share, std::uint64_t units);
  void finished_one(std::uint64_t units);
  /// Leaves the line empty.
  void clear();

 private:
  void draw(const std::string& item, double share, std::uint64_t units);

  const bool on_terminal_;
  const std::size_t items_;
  const std::string unit_;
  std::mutex mutex_;  // guards what follows
  std::size_t finished_ = 0;
  std::uint64_t units_ = 0;  // of finished items
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace wavetank::tools

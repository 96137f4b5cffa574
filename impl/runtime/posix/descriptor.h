// A file descriptor that is closed by whoever owns it last.
#pragma once

#include <utility>

namespace wavetank {

/// Move-only; -1 is none. Thread-safe as an `int` is.
class posix_descriptor {
 public:
  posix_descriptor() = default;
  explicit posix_descriptor(int number) noexcept : number_(number) {}
  posix_descriptor(posix_descriptor&& other) noexcept : number_(other.release()) {}
  posix_descriptor& operator=(posix_descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = other.release();
    }
    return *this;
  }
  ~posix_descriptor() { close(); }

  int number() const noexcept { return number_; }
  int release() noexcept { return std::exchange(number_, -1); }

 private:
  void close() noexcept;
  int number_ = -1;
};

}  // namespace wavetank

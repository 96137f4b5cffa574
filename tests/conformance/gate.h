// A place where tasks wait until it is opened.
#pragma once

#include <mutex>

namespace wavetank::conformance {

/// Opens once and stays open.
template <class R>
class gate {
 public:
  void open() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock{mutex_};
    while (!open_) opened_.wait(lock);
  }
  bool is_open() {
    const std::lock_guard lock{mutex_};
    return open_;
  }

 private:
  typename R::mutex mutex_;
  typename R::condition_variable opened_;
  bool open_ = false;
};

}  // namespace wavetank::conformance

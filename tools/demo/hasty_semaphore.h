// A semaphore with a planted bug, for `wavetank verify --demo`. Do not use it.
//
// The bug is a classic: raising the limit by two makes room for two, but wakes one. Unless somebody releases later, the
// second sleeps for ever beside a free permit. A test that starts its tasks one after the other, or a machine that is
// quick to start them, never sees it: both must already sleep when the limit rises.
#pragma once

#include <cstdint>
#include <mutex>

#include <wavetank/impl/runtime.h>

namespace wavetank::tools::demo {

template <runtime R>
class hasty_semaphore {
 public:
  hasty_semaphore(R&, std::uint32_t limit) : limit_(limit) {
    R::label(mutex_, "mutex");
    R::label(changed_, "changed");
  }

  void acquire() {
    std::unique_lock lock(mutex_);
    while (used_ >= limit_) changed_.wait(lock);
    ++used_;
  }

  void release() {
    {
      const std::scoped_lock lock(mutex_);
      --used_;
    }
    changed_.notify_one();
  }

  void set_limit(std::uint32_t limit) {
    {
      const std::scoped_lock lock(mutex_);
      limit_ = limit;
    }
    changed_.notify_one();  // the bug: a limit raised by two lets two waiters go on
  }

 private:
  typename R::mutex mutex_;
  typename R::condition_variable changed_;
  std::uint32_t limit_;
  std::uint32_t used_ = 0;
};

}  // namespace wavetank::tools::demo

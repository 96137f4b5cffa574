// The lock of the peers: test and test-and-set, with the same pause as the thread runtime's.
#pragma once

#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <atomic>

namespace wavetank::bench {

class spinlock {
 public:
  void lock() noexcept {
    for (unsigned polls = 0; locked_.exchange(true, std::memory_order_acquire);) {
      while (locked_.load(std::memory_order_relaxed)) thread_runtime::relax(polls++);
    }
  }
  void unlock() noexcept { locked_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> locked_{false};
};

}  // namespace wavetank::bench

// Where one caller waits for news of its request: that it is its turn to commit, or that its answer is there.
//
// It has a mutex of its own, so that callers who are woken do not meet at the batcher's.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>

namespace wavetank::batch_detail {

enum class caller_news : std::uint8_t {
  none,
  lead,      ///< it is to commit what is next
  answered,  ///< for good: whatever comes later changes nothing
};

/// Told by any task; awaited by one.
template <runtime R>
class caller_signal {
 public:
  void tell(caller_news what) {
    {
      const std::lock_guard lock{mutex_};
      news_ = std::max(news_, what);
    }
    told_.notify_one();
  }

  /// `none`: the deadline came. `lead` is told once.
  caller_news await(R& world, typename R::time_point deadline) {
    std::unique_lock lock{mutex_};
    while (news_ == caller_news::none) {
      if (deadline == R::time_point::max()) {
        told_.wait(lock);
      } else if (deadline <= world.now()) {
        return caller_news::none;
      } else {
        told_.wait_until(lock, deadline);
      }
    }
    return news_ == caller_news::lead ? std::exchange(news_, caller_news::none) : news_;
  }

 private:
  typename R::mutex mutex_;
  typename R::condition_variable told_;
  caller_news news_ = caller_news::none;
};

}  // namespace wavetank::batch_detail

// What adaptive windows go by: how long commits take, and whether more than one task is writing.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace wavetank::batch_detail {

/// `T` is the runtime's time point. Guarded by the batcher's mutex.
template <class T>
class commit_pace {
 public:
  /// A moving average: follows a change within a few commits and forgets a single slow one.
  void took(typename T::duration one) noexcept {
    usual_ = known_ ? usual_ + (one - usual_) / commits_to_follow : one;
    known_ = true;
  }
  std::chrono::nanoseconds usual() const noexcept { return usual_; }

  /// A write of this submitter came. Answers for how long all of them have been one submitter's.
  std::chrono::nanoseconds alone_for(task_id submitter, T now) noexcept {
    if (last_ && last_ != submitter) company_ = now;
    last_ = submitter;
    return company_ ? now - *company_ : std::chrono::nanoseconds::max();
  }

 private:
  /// The share that the round-trip estimator of TCP gives a new sample (RFC 6298).
  static constexpr int commits_to_follow = 8;

  typename T::duration usual_{0};
  bool known_ = false;
  task_id last_;
  std::optional<T> company_;
};

}  // namespace wavetank::batch_detail

// What the parts of a partition have in common: where it is, whom it tells, and what is waited for under its mutex.
#pragma once

#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <mutex>

namespace wavetank::buffer_detail {

/// Everything but the writers' fast path is decided under the mutex, which is never held while the user's code runs.
/// Where a function of a part takes the lock, it is held at the call and at the return; what the function says it does
/// "without it" happens in between, and a part's state may have changed then.
template <runtime R>
struct partition_commons {
  using time_point = typename R::time_point;
  using lock = std::unique_lock<typename R::mutex>;

  partition_commons(R& in, std::size_t number, buffer_listener* tell, const partition_options& with)
      : world(in), index(number), listener(tell), options(with) {
    R::label(mutex, "partition's mutex");
    R::label(partition_wake_up, "partition's task");
    R::label(processing_wake_up, "processing task");
    R::label(progress, "partition's progress");
  }

  R& world;
  const std::size_t index;
  buffer_listener* const listener;  ///< or nullptr
  mutable typename R::mutex mutex;
  // Guarded by the mutex.
  partition_options options;
  time_point partition_sleeps_until = time_point::max();
  typename R::condition_variable partition_wake_up;
  typename R::condition_variable processing_wake_up;
  typename R::condition_variable progress;  ///< for those who flush or stop
};

}  // namespace wavetank::buffer_detail

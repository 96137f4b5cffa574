// One caller that waits for a permit: a node on its own stack, in the semaphore's queue, with its own condition
// variable.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/intrusive_list.h>

#include <cassert>
#include <cstdint>
#include <mutex>

namespace wavetank::semaphore_detail {

/// What became of a waiter. `retry`: it is the head and there is room, but it must take its permit itself.
enum class outcome : std::uint32_t { waiting, retry, granted, timed_out, closed, cancelled, too_large };

constexpr acquire_error error_of(outcome decided) noexcept {
  switch (decided) {
    case outcome::timed_out:
      return acquire_error::timed_out;
    case outcome::closed:
      return acquire_error::closed;
    case outcome::cancelled:
      return acquire_error::cancelled;
    case outcome::too_large:
      return acquire_error::too_large;
    case outcome::waiting:
    case outcome::retry:
    case outcome::granted:
      break;
  }
  assert(false);
  return acquire_error::busy;
}

/// Waits for ever.
template <runtime R>
inline constexpr typename R::time_point no_deadline = R::time_point::max();

/// Everything but `decision` is guarded by the semaphore's mutex. `Claim` is what the semaphore grants.
///
/// Who decides writes `decision` last: a waiter that polls may return, and its node end, the moment it is written. Only
/// a waiter that is parked needs to be woken, and cannot leave before it has the mutex again.
template <runtime R, class Claim>
class waiter : public list_links<waiter<R, Claim>> {
 public:
  waiter(Claim wanted, typename R::time_point until) : claim(wanted), deadline(until) {
    R::label(decision_, "waiter's decision");
    R::label(wake_up_, "waiter's wake-up");
  }

  Claim claim;
  const typename R::time_point deadline;
  outcome verdict = outcome::waiting;  ///< scratch of who goes through the queue

  outcome decided() const noexcept { return static_cast<outcome>(decision_.load(std::memory_order_acquire)); }

  bool expired(typename R::time_point now) const noexcept { return deadline <= now; }
  bool has_deadline() const noexcept { return deadline != no_deadline<R>; }

  /// Tells the waiter, with the mutex held. The node may be gone when this returns.
  void decide(outcome what) noexcept {
    const bool asleep = parked_;
    decision_.store(static_cast<std::uint32_t>(what), std::memory_order_release);
    if (asleep) wake_up_.notify_one();
  }

  /// Takes back `retry`, with the mutex held, by the waiter itself.
  void wait_again() noexcept {
    decision_.store(static_cast<std::uint32_t>(outcome::waiting), std::memory_order_relaxed);
  }

  /// Polls for a while, without the mutex. Returns what was decided, or `waiting`.
  outcome poll() const noexcept {
    outcome seen = decided();
    if constexpr (R::spin_limit > 0) {
      for (unsigned i = 0; i < R::spin_limit && seen == outcome::waiting; ++i) {
        R::relax(i);
        seen = decided();
      }
    }
    return seen;
  }

  /// Suspends once, until woken, for no reason, or until the deadline. May throw what the runtime's wait throws, with
  /// the mutex held again.
  void park(std::unique_lock<typename R::mutex>& lock) {
    parked_ = true;
    if (has_deadline()) {
      wake_up_.wait_until(lock, deadline);
    } else {
      wake_up_.wait(lock);
    }
  }

 private:
  typename R::template atomic<std::uint32_t> decision_{static_cast<std::uint32_t>(outcome::waiting)};
  bool parked_ = false;
  typename R::condition_variable wake_up_;
};

}  // namespace wavetank::semaphore_detail

// Waiting in a semaphore's queue, from joining it to the decision: shared by the semaphores.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/waiter.h>

#include <mutex>

namespace wavetank::semaphore_detail {

/// Takes `me` out of the queue because its caller's stop token was asked to stop. On the task that asks.
template <class Semaphore, class Waiter>
void cancel(Semaphore& semaphore, Waiter& me) noexcept {
  const std::lock_guard lock{semaphore.mutex()};
  if (me.linked) {
    semaphore.withdraw(me, outcome::cancelled);
  } else if (me.decided() == outcome::waiting) {
    me.decide(outcome::cancelled);  // before it joined the queue
  }
}

/// With the mutex: suspends until decided.
template <runtime R, class Semaphore, class Claim>
outcome park_until_decided(R& world, Semaphore& semaphore, waiter<R, Claim>& me,
                           std::unique_lock<typename R::mutex>& lock) {
  for (;;) {
    if (me.decided() == outcome::retry) semaphore.retry(me);
    if (const outcome seen = me.decided(); seen != outcome::waiting) return seen;
    if (me.has_deadline() && me.expired(world.now())) {
      semaphore.withdraw(me, outcome::timed_out);
      return outcome::timed_out;
    }
    try {
      me.park(lock);
    } catch (...) {  // the task is being ended in its wait: nothing may stay behind, whatever was decided
      semaphore.give_up(me);
      throw;
    }
  }
}

template <runtime R, class Semaphore, class Claim>
outcome join_and_wait(R& world, Semaphore& semaphore, waiter<R, Claim>& me) {
  std::unique_lock lock{semaphore.mutex()};
  if (me.decided() == outcome::waiting) semaphore.enter(me);
  if constexpr (R::spin_limit > 0) {
    if (me.decided() == outcome::waiting) {
      lock.unlock();
      if (const outcome seen = me.poll(); seen != outcome::waiting && seen != outcome::retry) return seen;
      lock.lock();
    }
  }
  return park_until_decided(world, semaphore, me, lock);
}

/// Waits until `me` is decided. `Semaphore` has `mutex()` and, all called with it held: `enter(me)` (joins the queue,
/// or decides at once), `retry(me)` (takes up a decision `retry`), `withdraw(me, why)` (leaves the queue with this
/// decision and lets the others move up), `give_up(me)` (leaves the queue, passes on what was granted).
template <runtime R, class Semaphore, class Claim, class StopToken>
outcome wait(R& world, Semaphore& semaphore, waiter<R, Claim>& me, const StopToken& stop) {
  if (!stop.stop_possible()) return join_and_wait(world, semaphore, me);
  const auto cancel_me = [&]() noexcept { cancel(semaphore, me); };
  const typename R::template stop_callback<decltype(cancel_me)> on_stop{stop, cancel_me};
  return join_and_wait(world, semaphore, me);
}

}  // namespace wavetank::semaphore_detail

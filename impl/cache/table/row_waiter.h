// One caller that waits for a row: a node on its own stack, in its key's queue, with its own condition variable.
#pragma once

#include <wavetank/impl/cache/table/answers.h>
#include <wavetank/impl/cache/table/generation.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/intrusive_list.h>

#include <cassert>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank::table_detail {

/// All of it is guarded by the table's mutex.
template <runtime R>
class row_waiter : public semaphore_detail::list_links<row_waiter<R>> {
 public:
  using verdict = tl::expected<std::shared_ptr<const generation<R>>, miss_reason>;

  row_waiter() { R::label(wake_up_, "waiter's wake-up"); }

  /// Tells the waiter, once, after it has left the queue.
  void decide(verdict what) {
    assert(!decided_ && !this->linked);
    decided_ = std::move(what);
    wake_up_.notify_one();
  }
  const std::optional<verdict>& decided() const noexcept { return decided_; }

  /// Suspends once: until woken, for no reason, or until the deadline. May throw what the runtime's wait throws.
  void park(std::unique_lock<typename R::mutex>& lock, typename R::time_point deadline) {
    if (deadline == R::time_point::max()) {
      wake_up_.wait(lock);
    } else {
      wake_up_.wait_until(lock, deadline);
    }
  }

 private:
  std::optional<verdict> decided_;
  typename R::condition_variable wake_up_;
};

}  // namespace wavetank::table_detail

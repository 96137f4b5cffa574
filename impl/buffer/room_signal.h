// Where writers wait for room, and those who make room tell them. Costs a load where nobody waits.
#pragma once

#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace wavetank::buffer_detail {

/// An event count. Who waits takes a ticket, looks again for room, and then waits with it: room that was made after the
/// ticket was taken ends the wait. Shared by the partitions of a buffer; its mutex is taken under theirs.
template <runtime R>
class room_signal {
 public:
  using time_point = typename R::time_point;

  class ticket {
   public:
    explicit ticket(room_signal& of) : of_(of) {
      const std::lock_guard lock{of_.mutex_};
      // Sequentially consistent, before the look for room; `tell` comes after the room was made.
      of_.waiting_.fetch_add(1, std::memory_order_seq_cst);
      epoch_ = of_.epoch_;
    }
    ticket(const ticket&) = delete;
    ticket& operator=(const ticket&) = delete;
    ~ticket() { of_.waiting_.fetch_sub(1, std::memory_order_relaxed); }

    /// False: the deadline came first.
    bool wait(R& world, time_point deadline) {
      std::unique_lock lock{of_.mutex_};
      while (of_.epoch_ == epoch_) {
        if (deadline == time_point::max()) {
          of_.told_.wait(lock);
        } else if (deadline <= world.now()) {
          return false;
        } else {
          of_.told_.wait_until(lock, deadline);
        }
      }
      return true;
    }

   private:
    room_signal& of_;
    std::uint64_t epoch_ = 0;
  };

  void tell() {
    if (waiting_.load(std::memory_order_seq_cst) == 0) return;
    const std::lock_guard lock{mutex_};
    ++epoch_;
    told_.notify_all();
  }

 private:
  typename R::mutex mutex_;
  typename R::condition_variable told_;
  typename R::template atomic<std::uint64_t> waiting_{0};
  std::uint64_t epoch_ = 0;
};

}  // namespace wavetank::buffer_detail

// Flushes that wait, each for the requests that were accepted before it and for nothing later.
#pragma once

#include <wavetank/impl/runtime.h>

#include <cstdint>
#include <list>

namespace wavetank::batch_detail {

/// Guarded by the batcher's mutex.
template <runtime R>
class flush_calls {
 public:
  /// One call: listed for as long as it lives.
  class call {
   public:
    /// It waits for `pending` requests, all of those up to number `barrier` that are not settled.
    call(flush_calls& of, std::uint64_t barrier, std::uint64_t pending)
        : of_(of), barrier_(barrier), remaining_(pending), listed_(of.all_.insert(of.all_.end(), this)) {}
    call(const call&) = delete;
    call& operator=(const call&) = delete;
    ~call() { of_.all_.erase(listed_); }

    bool is_done() const noexcept { return remaining_ == 0; }
    typename R::condition_variable done;

   private:
    friend flush_calls;
    flush_calls& of_;
    const std::uint64_t barrier_;
    std::uint64_t remaining_;
    typename std::list<call*>::iterator listed_;
  };

  /// The request of this number is answered, and on its way no more.
  void settled(std::uint64_t number) {
    for (call* const each : all_) {
      if (number <= each->barrier_ && --each->remaining_ == 0) each->done.notify_all();
    }
  }

 private:
  std::list<call*> all_;
};

}  // namespace wavetank::batch_detail

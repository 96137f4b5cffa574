// The fibers of one world: a Boost.Fiber scheduling algorithm that hands over straight to a chosen fiber, and a pool of
// parked fibers with guarded stacks that are reused from one execution to the next.
//
// A switch costs one context switch and nothing else: the chosen fiber is resumed directly and Boost.Fiber's dispatcher
// never runs in between. Exception state goes with the fiber (the C++ runtime keeps it per thread), and sanitizers are
// told of every switch.
#pragma once

#include <boost/fiber/context.hpp>
#include <boost/fiber/fiber.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include <wavetank/sim/engine/sanitizers.h>

namespace wavetank::sim {

/// What the C++ runtime keeps for exceptions in flight, per thread. Swapped at a switch, or an unwinding fiber would
/// make another one believe that it unwinds too. The layout is the Itanium C++ ABI's `__cxa_eh_globals`.
struct exception_state {
  void* caught = nullptr;
  unsigned int uncaught = 0;
  bool any() const noexcept { return caught != nullptr || uncaught != 0; }
};

class fiber_pool {
 public:
  /// A flow of control: the thread's own (`home`) or a pooled one.
  class fiber {
   public:
    bool unwinding() const noexcept { return exceptions_.uncaught != 0; }

   private:
    friend class fiber_pool;
    boost::fibers::context* context_ = nullptr;
    exception_state exceptions_;
    sanitizers::stack stack_;
    std::function<fiber&()> entry_;
    bool retired_ = false;
  };

  /// Takes the calling thread's Boost.Fiber scheduler over: one pool a thread, and nothing else of Boost.Fiber on it.
  fiber_pool();
  ~fiber_pool();
  fiber_pool(const fiber_pool&) = delete;
  fiber_pool& operator=(const fiber_pool&) = delete;

  fiber& home() noexcept { return home_; }

  /// A parked fiber that runs `entry`, continues the fiber which that returns, and runs `entry` again when it is
  /// switched to the next time.
  fiber& make(std::function<fiber&()> entry);

  /// Suspends `from`, which is running, and continues `to`; returns when somebody switches to `from` again.
  void switch_to(fiber& from, fiber& to) noexcept {
    if (thread_exceptions_->any() || to.exceptions_.any()) [[unlikely]]
      carry_exceptions(from, to);
    sanitizers::before_switch(from.stack_, to.stack_);
    left_ = &from;
    to.context_->resume();
    sanitizers::after_switch(from.stack_, left_->stack_);
  }

  /// Whether the running fiber is unwinding.
  bool unwinding() const noexcept { return thread_exceptions_->uncaught != 0; }

  /// Gives a parked fiber up for ever, with all that its stack holds: for a task that cannot be unwound.
  void abandon(fiber& f);

 private:
  class hand_over;

  void carry_exceptions(fiber& from, fiber& to) noexcept;
  void run(fiber& self);

  hand_over* algorithm_ = nullptr;
  exception_state* thread_exceptions_;
  fiber home_;
  fiber* left_ = nullptr;
  std::vector<std::unique_ptr<fiber>> fibers_;
  std::vector<std::unique_ptr<fiber>> abandoned_;
};

}  // namespace wavetank::sim

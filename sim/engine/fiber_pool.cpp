#include <wavetank/sim/engine/fiber_pool.h>

#include <cxxabi.h>
#include <algorithm>
#include <boost/fiber/algo/algorithm.hpp>
#include <boost/fiber/protected_fixedsize_stack.hpp>
#include <boost/fiber/scheduler.hpp>
#include <cassert>
#include <chrono>
#include <deque>
#include <utility>

namespace wavetank::sim {

/// Runs whom it is told to. Boost.Fiber's own contexts (the dispatcher, which frees terminated fibers when the thread
/// ends) wait in `others_` for the times when nobody is told.
class fiber_pool::hand_over final : public boost::fibers::algo::algorithm {
 public:
  void next(boost::fibers::context* c) noexcept { next_ = c; }

  /// The next context that is awakened is a new fiber of ours: it stays parked.
  boost::fibers::context* claim_created() noexcept {
    assert(!others_.empty());
    auto* created = others_.back();
    others_.pop_back();
    return created;
  }

  void awakened(boost::fibers::context* c) noexcept override { others_.push_back(c); }

  boost::fibers::context* pick_next() noexcept override {
    if (auto* chosen = std::exchange(next_, nullptr)) return chosen;
    if (others_.empty()) return nullptr;
    auto* other = others_.front();
    others_.pop_front();
    return other;
  }

  bool has_ready_fibers() const noexcept override { return next_ != nullptr || !others_.empty(); }

  // Nothing of a simulated world waits for real time.
  void suspend_until(const std::chrono::steady_clock::time_point&) noexcept override {}
  void notify() noexcept override {}

 private:
  boost::fibers::context* next_ = nullptr;
  std::deque<boost::fibers::context*> others_;
};

namespace {
// Enough for a component under test with sanitizers on; the page below it is guarded.
constexpr std::size_t stack_bytes = 256 * 1024;

/// A guarded stack whose bounds are told to whoever made it.
class guarded_stack {
 public:
  explicit guarded_stack(sanitizers::stack& bounds) : bounds_(&bounds) {}

  boost::context::stack_context allocate() {
    const auto s = pages_.allocate();
    const std::size_t guard_bytes = boost::context::protected_fixedsize_stack::traits_type::page_size();
    bounds_->bytes = s.size - guard_bytes;
    bounds_->bottom = static_cast<const char*>(s.sp) - bounds_->bytes;
    sanitizers::clear(*bounds_);
    return s;
  }
  void deallocate(boost::context::stack_context& s) { pages_.deallocate(s); }

 private:
  boost::context::protected_fixedsize_stack pages_{stack_bytes};
  sanitizers::stack* bounds_;
};

}  // namespace

fiber_pool::fiber_pool() : thread_exceptions_(reinterpret_cast<exception_state*>(abi::__cxa_get_globals())) {
  algorithm_ = new hand_over;  // owned by the thread's scheduler
  home_.context_ = boost::fibers::context::active();
  home_.context_->get_scheduler()->set_algo(algorithm_);
  sanitizers::adopt_thread(home_.stack_);
}

fiber_pool::~fiber_pool() {
  for (auto& f : fibers_) {
    f->retired_ = true;
    switch_to(home_, *f);
    sanitizers::destroy(f->stack_);
  }
}

fiber_pool::fiber& fiber_pool::make(std::function<fiber&()> entry) {
  auto& f = *fibers_.emplace_back(std::make_unique<fiber>());
  f.entry_ = std::move(entry);
  boost::fibers::fiber handle{boost::fibers::launch::post, std::allocator_arg, guarded_stack{f.stack_},
                              [this, &f] { run(f); }};
  f.context_ = algorithm_->claim_created();
  sanitizers::create(f.stack_);
  handle.detach();
  return f;
}

void fiber_pool::run(fiber& self) {
  sanitizers::after_switch(self.stack_, left_->stack_);
  // The switch is made out here: a fiber that is resumed far down returns through frames that no processor predicts.
  while (!self.retired_) switch_to(self, self.entry_());
  sanitizers::before_switch(self.stack_, home_.stack_);
  left_ = &self;
  algorithm_->next(home_.context_);
}

void fiber_pool::carry_exceptions(fiber& from, fiber& to) noexcept {
  from.exceptions_ = *thread_exceptions_;
  *thread_exceptions_ = std::exchange(to.exceptions_, {});
}

void fiber_pool::abandon(fiber& f) {
  const auto found = std::find_if(fibers_.begin(), fibers_.end(), [&](const auto& p) { return p.get() == &f; });
  assert(found != fibers_.end());
  f.context_->worker_unlink();
  sanitizers::keep_for_ever(f.stack_);
  abandoned_.push_back(std::move(*found));
  fibers_.erase(found);
}

}  // namespace wavetank::sim

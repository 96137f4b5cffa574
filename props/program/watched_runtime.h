// The simulated runtime, seen through: what is done to the atomics that a component has named is told to an observer.
//
// A component that is instantiated with it is the same source in the same world: the observer adds no visible operation
// and no decision.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <wavetank/sim/runtime.h>

namespace wavetank::props {

/// Told on the task that does it, when the operation has taken effect and before anything else happens. Must not throw:
/// components do such operations in `noexcept` functions.
class atomic_observer {
 public:
  using number = std::size_t;
  using value = std::uint64_t;

  virtual ~atomic_observer() = default;
  /// The number by which it is told of; 0: it is not observed.
  virtual number named(std::string_view name) noexcept = 0;
  virtual void loaded(number which, value seen, std::memory_order order) noexcept = 0;
  virtual void stored(number which, value now) noexcept = 0;
  /// A strong compare-exchange; it has succeeded if `seen` is what was expected.
  virtual void compared(number which, value expected, value seen, value desired) noexcept = 0;
  /// An addition; `before` what was there.
  virtual void added(number which, value before, value now) noexcept = 0;
};

/// The observer of the execution that this thread is running.
class observed_by {
 public:
  explicit observed_by(atomic_observer& one) noexcept : before_(std::exchange(current, &one)) {}
  observed_by(const observed_by&) = delete;
  observed_by& operator=(const observed_by&) = delete;
  ~observed_by() { current = before_; }

  static thread_local constinit inline atomic_observer* current = nullptr;

 private:
  atomic_observer* before_;
};

template <class T>
class watched_atomic : public sim::atomic<T> {
  using base = sim::atomic<T>;

 public:
  watched_atomic() noexcept = default;
  watched_atomic(T initial) : base(initial) {}  // NOLINT: as std::atomic

  void watch(std::string_view name) const noexcept {
    if (observed_by::current != nullptr) number_ = observed_by::current->named(name);
  }

  T load(std::memory_order order = std::memory_order_seq_cst) const {
    const T seen = base::load(order);
    if (number_ != 0) observed_by::current->loaded(number_, seen, order);
    return seen;
  }
  void store(T desired, std::memory_order order = std::memory_order_seq_cst) {
    base::store(desired, order);
    if (number_ != 0) observed_by::current->stored(number_, desired);
  }
  T fetch_add(T n, std::memory_order order = std::memory_order_seq_cst) {
    const T before = base::fetch_add(n, order);
    if (number_ != 0) observed_by::current->added(number_, before, before + n);
    return before;
  }
  T fetch_sub(T n, std::memory_order order = std::memory_order_seq_cst) {
    const T before = base::fetch_sub(n, order);
    if (number_ != 0) observed_by::current->added(number_, before, before - n);
    return before;
  }
  template <class... Orders>
  bool compare_exchange_strong(T& expected, T desired, Orders... orders) {
    const T wanted = expected;
    const bool done = base::compare_exchange_strong(expected, desired, orders...);
    if (number_ != 0) observed_by::current->compared(number_, wanted, expected, desired);
    return done;
  }

 private:
  mutable atomic_observer::number number_ = 0;
};

class watched_runtime : public sim::runtime {
 public:
  template <class T>
  using atomic = watched_atomic<T>;

  template <class Object>
  static void label(const Object& object, std::string_view name) {
    if constexpr (requires { object.watch(name); }) object.watch(name);
    sim::runtime::label(object, name);
  }
};

}  // namespace wavetank::props

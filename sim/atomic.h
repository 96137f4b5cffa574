// The simulated atomic: stands for std::atomic<T>. Every access is a visible operation.
//
// Values are sequentially consistent here: every load reads the newest store. Memory orders are carried and count for
// happens-before, so that a relaxed flag which "publishes" plain data is reported as a data race although no stale
// value is ever read. Not modelled yet: stale reads that weaker orders allow.
#pragma once

#include <atomic>
#include <bit>
#include <cstring>
#include <type_traits>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::sim {

template <class T>
class atomic {
  static_assert(std::is_trivially_copyable_v<T> &&
                sizeof(T) <= 8);  // NOLINT(bugprone-sizeof-expression): of pointers too

 public:
  using value_type = T;

  atomic() noexcept : atomic(T{}) {}
  atomic(T initial) : value_(initial), id_(scheduler::here().new_object()) {}  // NOLINT: as std::atomic
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(std::memory_order order = std::memory_order_seq_cst) const {
    scheduler& s = scheduler::here();
    s.visit({id_, 0, operation_kind::load, false});
    acquire(s, order);
    s.note(bits(value_));
    return value_;
  }
  operator T() const { return load(); }  // NOLINT: as std::atomic

  void store(T desired, std::memory_order order = std::memory_order_seq_cst) {
    scheduler& s = scheduler::here();
    s.visit({id_, 0, operation_kind::store, true});
    value_ = desired;
    if (s.tracking()) [[unlikely]] {
      // A store that is no release ends the release sequence before it.
      if (releases(order)) {
        s.release_into(released_, false);
      } else {
        released_.clear();
      }
    }
    s.note(bits(value_));
  }
  T operator=(T desired) {  // NOLINT(misc-unconventional-assign-operator): as std::atomic
    store(desired);
    return desired;
  }

  T exchange(T desired, std::memory_order order = std::memory_order_seq_cst) {
    return modify(order, [&](T) { return desired; });
  }

  bool compare_exchange_strong(T& expected, T desired, std::memory_order order = std::memory_order_seq_cst) {
    return compare_exchange(expected, desired, order, failure_order(order), false);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order success, std::memory_order failure) {
    return compare_exchange(expected, desired, success, failure, false);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order order = std::memory_order_seq_cst) {
    return compare_exchange(expected, desired, order, failure_order(order), true);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order success, std::memory_order failure) {
    return compare_exchange(expected, desired, success, failure, true);
  }

  T fetch_add(T n, std::memory_order order = std::memory_order_seq_cst) requires std::is_integral_v<T> {
    return modify(order, [&](T v) { return static_cast<T>(v + n); });
  }
  T fetch_sub(T n, std::memory_order order = std::memory_order_seq_cst) requires std::is_integral_v<T> {
    return modify(order, [&](T v) { return static_cast<T>(v - n); });
  }
  T fetch_and(T n, std::memory_order order = std::memory_order_seq_cst) requires std::is_integral_v<T> {
    return modify(order, [&](T v) { return static_cast<T>(v & n); });
  }
  T fetch_or(T n, std::memory_order order = std::memory_order_seq_cst) requires std::is_integral_v<T> {
    return modify(order, [&](T v) { return static_cast<T>(v | n); });
  }
  T operator++() requires std::is_integral_v<T> { return static_cast<T>(fetch_add(1) + 1); }
  T operator++(int) requires std::is_integral_v<T> { return fetch_add(1); }
  T operator--() requires std::is_integral_v<T> { return static_cast<T>(fetch_sub(1) - 1); }
  T operator--(int) requires std::is_integral_v<T> { return fetch_sub(1); }

  static constexpr bool is_always_lock_free = true;
  object_id id() const noexcept { return id_; }

 private:
  static bool acquires(std::memory_order o) noexcept {
    return o != std::memory_order_relaxed && o != std::memory_order_release;
  }
  static bool releases(std::memory_order o) noexcept {
    return o == std::memory_order_release || o == std::memory_order_acq_rel || o == std::memory_order_seq_cst;
  }
  static std::memory_order failure_order(std::memory_order o) noexcept {
    if (o == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (o == std::memory_order_release) return std::memory_order_relaxed;
    return o;
  }
  static std::uint64_t bits(const T& v) noexcept {
    std::uint64_t b = 0;
    // An address differs from run to run and stays out of the hash.
    if constexpr (!std::is_pointer_v<T>) std::memcpy(&b, &v, sizeof(T));
    return b;
  }
  static bool same(const T& a, const T& b) noexcept { return std::memcmp(&a, &b, sizeof(T)) == 0; }

  void acquire(scheduler& s, std::memory_order order) const {
    if (s.tracking() && acquires(order)) [[unlikely]]
      s.acquire_from(released_);
  }

  template <class F>
  T modify(std::memory_order order, F&& change) {
    scheduler& s = scheduler::here();
    s.visit({id_, 0, operation_kind::read_modify_write, true});
    const T before = value_;
    value_ = change(before);
    acquire(s, order);
    // A read-modify-write continues the release sequence that it reads from.
    if (s.tracking() && releases(order)) [[unlikely]]
      s.release_into(released_, true);
    s.note(bits(value_));
    return before;
  }

  bool compare_exchange(T& expected, T desired, std::memory_order success, std::memory_order failure, bool weak) {
    scheduler& s = scheduler::here();
    s.visit({id_, 0, operation_kind::read_modify_write, true});
    if (!same(value_, expected) || (weak && s.fail_weakly())) {
      acquire(s, failure);
      expected = value_;
      s.note(bits(value_));
      return false;
    }
    value_ = desired;
    acquire(s, success);
    if (s.tracking() && releases(success)) [[unlikely]]
      s.release_into(released_, true);
    s.note(bits(value_));
    return true;
  }

  T value_;
  object_id id_;
  vector_clock released_;
};

}  // namespace wavetank::sim

// A move-only callable without arguments that keeps small captures in place: spawning a task allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace wavetank::sim {

class task_body {
 public:
  task_body() noexcept = default;

  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, task_body> && std::is_invocable_v<std::decay_t<F>&>)
      task_body(F&& function) {  // NOLINT(bugprone-forwarding-reference-overload): constrained
    using callable = std::decay_t<F>;
    if constexpr (sizeof(callable) <= in_place_bytes && alignof(callable) <= alignof(std::max_align_t)) {
      ::new (static_cast<void*>(storage_)) callable(std::forward<F>(function));
      call_ = [](void* s) { (*static_cast<callable*>(s))(); };
      destroy_ = [](void* s) noexcept { static_cast<callable*>(s)->~callable(); };
    } else {
      ::new (static_cast<void*>(storage_)) callable*(new callable(std::forward<F>(function)));
      call_ = [](void* s) { (**static_cast<callable**>(s))(); };
      destroy_ = [](void* s) noexcept { delete *static_cast<callable**>(s); };
    }
  }

  task_body(const task_body&) = delete;
  task_body& operator=(const task_body&) = delete;
  ~task_body() { reset(); }

  /// Replaces what it holds.
  template <class F>
  void emplace(F&& function) {
    reset();
    ::new (static_cast<void*>(this)) task_body(std::forward<F>(function));
  }

  void operator()() { call_(storage_); }

  void reset() noexcept {
    if (destroy_ != nullptr) std::exchange(destroy_, nullptr)(storage_);
  }

 private:
  static constexpr std::size_t in_place_bytes = 64;

  alignas(std::max_align_t) std::byte storage_[in_place_bytes];
  void (*call_)(void*) = nullptr;
  void (*destroy_)(void*) noexcept = nullptr;
};

}  // namespace wavetank::sim

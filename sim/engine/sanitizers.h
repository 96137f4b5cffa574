// Tells AddressSanitizer and ThreadSanitizer of stack switches that they cannot see. Nothing in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define WAVETANK_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WAVETANK_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WAVETANK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WAVETANK_TSAN 1
#endif
#endif

#ifdef WAVETANK_ASAN
extern "C" {
void __sanitizer_start_switch_fiber(void** fake_stack_save, const void* bottom, std::size_t size);
void __sanitizer_finish_switch_fiber(void* fake_stack_save, const void** bottom_old, std::size_t* size_old);
void __lsan_register_root_region(const void* p, std::size_t size);
void __asan_unpoison_memory_region(const void volatile* p, std::size_t size);
}
#endif
#ifdef WAVETANK_TSAN
extern "C" {
void* __tsan_get_current_fiber(void);
void* __tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void* fiber);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
}
#endif

namespace wavetank::sim::sanitizers {

/// What a sanitizer knows of one stack.
struct stack {
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  void* fiber = nullptr;
};

/// For a thread's own stack: its bounds are learnt at the first switch away from it.
inline void adopt_thread([[maybe_unused]] stack& s) noexcept {
#ifdef WAVETANK_TSAN
  s.fiber = __tsan_get_current_fiber();
#endif
}

inline void create([[maybe_unused]] stack& s) noexcept {
#ifdef WAVETANK_TSAN
  s.fiber = __tsan_create_fiber(0);
#endif
}

inline void destroy([[maybe_unused]] stack& s) noexcept {
#ifdef WAVETANK_TSAN
  __tsan_destroy_fiber(s.fiber);
#endif
}

inline void before_switch([[maybe_unused]] stack& from, [[maybe_unused]] const stack& to) noexcept {
#ifdef WAVETANK_ASAN
  __sanitizer_start_switch_fiber(&from.fake_stack, to.bottom, to.bytes);
#endif
#ifdef WAVETANK_TSAN
  __tsan_switch_to_fiber(to.fiber, 0);
#endif
}

/// On the stack that was switched to. `left` is the one that was left, which may be a thread's own.
inline void after_switch([[maybe_unused]] stack& self, [[maybe_unused]] stack& left) noexcept {
#ifdef WAVETANK_ASAN
  __sanitizer_finish_switch_fiber(self.fake_stack, &left.bottom, &left.bytes);
#endif
}

/// A new stack may lie where one was that ended without returning from its first frames: what was marked there as out
/// of bounds is not any more.
inline void clear([[maybe_unused]] const stack& s) noexcept {
#ifdef WAVETANK_ASAN
  __asan_unpoison_memory_region(s.bottom, s.bytes);
#endif
}

/// What an abandoned stack still points to is no leak.
inline void keep_for_ever([[maybe_unused]] const stack& s) noexcept {
#ifdef WAVETANK_ASAN
  __lsan_register_root_region(s.bottom, s.bytes);
#endif
}

}  // namespace wavetank::sim::sanitizers

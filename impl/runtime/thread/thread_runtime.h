// The production world of threads: every associated type is the bare standard one.
//
// A task is a thread. A thread that was not spawned here becomes a task at its first use; it dies when the thread ends,
// after its `thread_local` objects. The main thread dies by `pthread_exit` only: a process that ends takes everything
// with it. Left out: priorities, affinity, cancellation by `pthread_cancel`.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/log.h>
#include <wavetank/impl/runtime/random_bits.h>
#include <wavetank/impl/runtime/task_context.h>
#include <wavetank/impl/runtime/thread/this_thread_task.h>
#include <wavetank/impl/runtime/thread/thread_task.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace wavetank {

/// The `runtime` concept on threads. `Clock` is monotonic. Stateless but for the log; all members may be called by any
/// thread at any time. Must outlive the components and handles that use it.
template <class Clock = std::chrono::steady_clock>
class basic_thread_runtime {
 public:
  using clock = Clock;
  using time_point = typename Clock::time_point;
  using duration = typename Clock::duration;
  using mutex = std::mutex;
  using condition_variable = std::condition_variable;
  template <class T>
  using atomic = std::atomic<T>;
  template <class T>
  using shared = T;
  using task = thread_task;
  using monitor = task_monitor;
  using stop_source = std::stop_source;
  using stop_token = std::stop_token;
  template <class F>
  using stop_callback = std::stop_callback<F>;

  /// A hand-over between running threads takes well under a microsecond, a sleep and a wake-up several: polling pays
  /// for about as long as the latter takes.
  static constexpr unsigned spin_limit = 24;
  static constexpr unsigned polls_before_yielding = 16;

  basic_thread_runtime() noexcept : log_(&stderr_log()) {}
  explicit basic_thread_runtime(log_sink& log) noexcept : log_(&log) {}

  template <class T>
  static const T& read(const T& variable) noexcept {
    return variable;
  }
  template <class T>
  static T& write(T& variable) noexcept {
    return variable;
  }
  /// The first polls last as long as a hand-over between two cores; after them the core is offered to whoever is
  /// awaited, which may have none.
  static void relax(unsigned polls = 0) noexcept {
    if (polls >= polls_before_yielding) return std::this_thread::yield();
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  static void point(const char*) noexcept {}
  template <class T>
  static void label(const T&, const char*) noexcept {}

  time_point now() const { return Clock::now(); }
  void sleep_until(time_point t) const { std::this_thread::sleep_until(t); }
  std::chrono::sys_seconds unix_time() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  std::uint64_t random() const { return random_bits(); }

  task_id current_task() const { return thread_world::current().id(); }
  std::string name_of(task_id id) const { return name_of_task(id); }
  template <std::invocable F>
  task spawn(std::string_view name, F function) {
    return task{*log_, name, std::move(function)};
  }

  std::uint64_t new_key() const noexcept { return new_attachment_key(); }
  attachment* attached(std::uint64_t key) const noexcept {
    task_context* const current = thread_world::this_thread_task;
    return current != nullptr ? current->attachments().find(key) : nullptr;
  }
  void attach(std::uint64_t key, std::unique_ptr<attachment> value) const {
    thread_world::current().attachments().insert(key, std::move(value));
  }
  void detach(std::uint64_t key) const noexcept {
    if (task_context* const current = thread_world::this_thread_task) current->attachments().erase(key);
  }

  void log(log_level level, std::string_view message) const noexcept { log_->write(level, message); }

 private:
  log_sink* log_;
};

using thread_runtime = basic_thread_runtime<>;
static_assert(runtime<thread_runtime>);

}  // namespace wavetank

// The production world of fibers, on Boost.Fiber.
//
// A task is a fiber. A fiber that was not spawned here, the main fiber of a thread among them, becomes a task at its
// first use. The death of a foreign fiber runs right after it on a fiber of its own, under its identity; the death of a
// thread's main fiber runs when the thread ends, before the thread-local objects that are older than the fiber's first
// use. A use of the runtime after that is a task that never dies. Mutexes and condition variables work between threads.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/fiber/fiber_task.h>
#include <wavetank/impl/runtime/fiber/this_fiber_task.h>
#include <wavetank/impl/runtime/log.h>
#include <wavetank/impl/runtime/random_bits.h>
#include <wavetank/impl/runtime/stop_token.h>
#include <wavetank/impl/runtime/task_context.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>

namespace wavetank {

/// The `runtime` concept on fibers. `Clock` is monotonic. Stateless but for the log. Must outlive the components and
/// handles that use it.
template <class Clock = std::chrono::steady_clock>
class basic_fiber_runtime {
 public:
  using clock = Clock;
  using time_point = typename Clock::time_point;
  using duration = typename Clock::duration;
  using mutex = boost::fibers::mutex;
  using condition_variable = boost::fibers::condition_variable;
  template <class T>
  using atomic = std::atomic<T>;
  template <class T>
  using shared = T;
  using task = fiber_task;
  using monitor = task_monitor;
  using stop_source = basic_stop_source<basic_fiber_runtime>;
  using stop_token = basic_stop_token<basic_fiber_runtime>;
  template <class F>
  using stop_callback = basic_stop_callback<basic_fiber_runtime, F>;

  /// Who is awaited may be a fiber of this very thread.
  static constexpr unsigned spin_limit = 0;

  basic_fiber_runtime() noexcept : log_(&stderr_log()) {}
  explicit basic_fiber_runtime(log_sink& log) noexcept : log_(&log) {}

  template <class T>
  static const T& read(const T& variable) noexcept {
    return variable;
  }
  template <class T>
  static T& write(T& variable) noexcept {
    return variable;
  }
  static void relax(unsigned = 0) { boost::this_fiber::yield(); }
  static void point(const char*) noexcept {}
  template <class T>
  static void label(const T&, const char*) noexcept {}

  time_point now() const { return Clock::now(); }
  void sleep_until(time_point t) const { boost::this_fiber::sleep_until(t); }
  std::chrono::sys_seconds unix_time() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  std::uint64_t random() const { return random_bits(); }

  task_id current_task() const { return fiber_world::current().id(); }
  std::string name_of(task_id id) const { return name_of_task(id); }
  template <std::invocable F>
  task spawn(std::string_view name, F function) {
    return task{*log_, name, std::move(function)};
  }

  std::uint64_t new_key() const noexcept { return new_attachment_key(); }
  attachment* attached(std::uint64_t key) const noexcept {
    task_context* const current = fiber_world::this_fiber_task();
    return current != nullptr ? current->attachments().find(key) : nullptr;
  }
  void attach(std::uint64_t key, std::unique_ptr<attachment> value) const {
    fiber_world::current().attachments().insert(key, std::move(value));
  }
  void detach(std::uint64_t key) const noexcept {
    if (task_context* const current = fiber_world::this_fiber_task()) current->attachments().erase(key);
  }

  void log(log_level level, std::string_view message) const noexcept { log_->write(level, message); }

 private:
  log_sink* log_;
};

using fiber_runtime = basic_fiber_runtime<>;
static_assert(runtime<fiber_runtime>);

}  // namespace wavetank

// The runtime: all that a component may ask of the world.
//
// A component is a class template over a runtime and takes an object of it by reference, which must outlive it. On
// `thread_runtime` the associated types are the bare standard ones, so that the optimised component is what one would
// write by hand with `std::`; on `fiber_runtime` they are Boost.Fiber's; on `sim::runtime` every use of them is a
// visible operation of a simulated world. What was tested is what ships: components have no other seam.
//
// Where a task may die. In production a task ends by return or exception. In simulation it can be killed as well, by
// an exception thrown at its suspensions (a wait on a condition variable, a sleep, a join) and at `point()`s, never
// elsewhere and never while it holds one of the runtime's mutexes other than the one it waits with. So plain code
// between two suspensions is a critical section with respect to death, and needs no guard of its own.
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace wavetank {

/// The identity of a task: a thread, a fiber or a simulated task. Never reused. `{0}` names nobody.
struct task_id {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(task_id, task_id) = default;
  constexpr explicit operator bool() const noexcept { return value != 0; }
};

/// What a component keeps with a task: found again by that task without a lock, told first-hand of its death.
/// `owner_died` runs once, on the dying task, after the task's own body has unwound; the runtime then drops its
/// reference, on the same task. It must not throw. `expired()` says that the component is gone: a runtime may then drop
/// the attachment without a notice, on its owner's task, when that task attaches the next one.
class attachment {
 public:
  virtual ~attachment() = default;
  virtual void owner_died() noexcept = 0;
  virtual bool expired() const noexcept { return false; }
};

/// How a message of a component matters to people.
enum class log_level { debug, info, warning, error };

/// The concept. For a runtime object `r` of type `R`:
///
/// * `R::mutex`, `R::condition_variable`: as `std::mutex` and `std::condition_variable` (`wait`, `wait_until` with
///   `R::time_point`, `notify_one`, `notify_all`; waits may wake spuriously).
/// * `R::atomic<T>`: as `std::atomic<T>`, with memory orders.
/// * `R::shared<T>`: a plain variable that several tasks reach; `R::read(v)` and `R::write(v)` give the reference. In
///   production a bare `T` and the identity; in simulation unordered accesses are reported as a data race.
/// * `R::task`: the join handle of `r.spawn(name, function)`; `id()`, `join()`; joins on destruction.
///   When `join()` returns, the task is dead and its notices have run. An exception that escapes the task's function
///   ends that task alone: `join()` rethrows it once; a handle that is destroyed without `join()` logs it as an error.
/// * `r.now()`, `r.sleep_until(t)`: the monotonic clock. `r.unix_time()`: the wall clock, in seconds since 1970; it may
///   jump either way. `r.random()`: 64 random bits, not for secrets.
/// * `r.current_task()`: who runs; a foreign thread becomes a task at its first use. `r.name_of(id)`: for people.
/// * `r.attach(key, a)`, `r.attached(key)`: per-task attachments of the *current* task under a key that is unique to
///   the component object (`r.new_key()`); `attached` returns nullptr where there is none, without a lock.
///   `r.detach(key)` drops it without a notice.
/// * `R::monitor`: `monitor{r, id, callback}` calls `callback()` once on the dying task when `id` dies. `armed()` is
///   false, and the callback never called, if `id` was dead (or unknown) already. `disarm()` (and the destructor) do
///   not wait: a callback that is on its way still runs, so it must own what it touches and carry an identity.
/// * `R::stop_source`, `R::stop_token`, `R::stop_callback<F>`: as in `<stop_token>`.
/// * `R::death_shelter`, where tasks can be killed: while such an object lives, the running task is not. For waits
///   inside destructors, which no exception may leave.
/// * `R::point(name)`: a named place, a coverage and fault point in simulation, nothing in production.
/// * `R::label(object, name)`: names a mutex, condition variable or atomic in stories; nothing in production.
/// * `R::spin_limit`: how often a wait may poll before it suspends (0 where polling cannot help). `R::relax()` between;
///   where the limit is not 0, `R::relax(n)` after poll number n.
/// * `r.log(level, message)`: where messages for people go.
template <class R>
concept runtime = requires(R& r, task_id id, typename R::time_point t, std::unique_lock<typename R::mutex>& lock,
                           typename R::condition_variable& cv, typename R::template atomic<std::uint64_t>& a,
                           typename R::template shared<int>& v, std::uint64_t key, std::unique_ptr<attachment> kept) {
  requires std::default_initializable<typename R::mutex>;
  requires std::default_initializable<typename R::condition_variable>;
  cv.wait(lock);
  cv.wait_until(lock, t);
  cv.notify_one();
  cv.notify_all();
  { a.load() } -> std::same_as<std::uint64_t>;
  a.store(std::uint64_t{1});
  { R::read(v) } -> std::convertible_to<const int&>;
  { R::write(v) } -> std::convertible_to<int&>;
  { r.now() } -> std::same_as<typename R::time_point>;
  r.sleep_until(t);
  { r.unix_time() } -> std::same_as<std::chrono::sys_seconds>;
  { r.random() } -> std::same_as<std::uint64_t>;
  { r.current_task() } -> std::same_as<task_id>;
  { r.name_of(id) } -> std::same_as<std::string>;
  {
    r.spawn(std::string_view{}, [] {})
    } -> std::same_as<typename R::task>;
  { r.new_key() } -> std::same_as<std::uint64_t>;
  { r.attached(key) } -> std::same_as<attachment*>;
  r.attach(key, std::move(kept));
  r.detach(key);
  typename R::monitor;
  typename R::stop_source;
  typename R::stop_token;
  R::point("");
  R::label(a, "");
  { R::spin_limit } -> std::convertible_to<unsigned>;
  R::relax();
  r.log(log_level::info, std::string_view{});
};

}  // namespace wavetank

// The simulated runtime: the runtime concept on a simulated world. Every use of it is a visible operation.
//
// Objects of it (mutexes, atomics, tasks) live inside one execution: construct them in the body given to `explore`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/stop_token.h>
#include <wavetank/sim/atomic.h>
#include <wavetank/sim/condition_variable.h>
#include <wavetank/sim/engine/scheduler.h>
#include <wavetank/sim/mutex.h>
#include <wavetank/sim/shared.h>
#include <wavetank/sim/time.h>

namespace wavetank::sim {

class runtime;

/// While it lives, the running task is not killed: death waits until after it. For suspensions and points inside
/// destructors and `noexcept` functions, from which no exception may escape; the compilers leave no portable mark there
/// by which the world could tell by itself. Code that is already unwinding needs none.
class death_shelter {
 public:
  death_shelter() : task_(scheduler::here().self()) { ++task_.sheltered; }
  ~death_shelter() { --task_.sheltered; }
  death_shelter(const death_shelter&) = delete;
  death_shelter& operator=(const death_shelter&) = delete;

 private:
  task& task_;
};

/// The join handle of a simulated task. Joins on destruction, as std::jthread does.
class task_handle {
 public:
  task_handle() noexcept = default;
  explicit task_handle(task& t) noexcept : task_(&t) { t.has_handle = true; }
  task_handle(task_handle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  task_handle& operator=(task_handle&& other) noexcept {
    if (this != &other) {
      reset();
      task_ = std::exchange(other.task_, nullptr);
    }
    return *this;
  }
  ~task_handle() { reset(); }

  task_id id() const noexcept { return task_ != nullptr ? task_->identity : task_id{}; }
  bool joinable() const noexcept { return task_ != nullptr; }

  /// Waits for the end of the task; rethrows, once, an exception that left it.
  void join() {
    task& t = *std::exchange(task_, nullptr);
    scheduler::here().join(t);
    if (t.failure) std::rethrow_exception(std::exchange(t.failure, nullptr));
  }

 private:
  void reset() noexcept {
    if (task_ == nullptr) return;
    task& t = *std::exchange(task_, nullptr);
    scheduler& s = scheduler::here();
    const death_shelter no_exception_leaves_a_destructor;
    s.join(t);
    if (t.failure) s.fail(verdict_kind::exception, t.name + " ended with an exception and its handle was never joined");
  }

  task* task_ = nullptr;
};

class runtime {
 public:
  using mutex = sim::mutex;
  using condition_variable = sim::condition_variable;
  template <class T>
  using atomic = sim::atomic<T>;
  template <class T>
  using shared = sim::shared<T>;
  using time_point = sim::time_point;
  using duration = sim::duration;
  using task = task_handle;
  using death_shelter = sim::death_shelter;
  using stop_source = basic_stop_source<runtime>;
  using stop_token = basic_stop_token<runtime>;
  template <class F>
  using stop_callback = basic_stop_callback<runtime, F>;

  static constexpr unsigned spin_limit = 0;

  template <class T>
  static const T& read(const shared<T>& v) {
    return v.read();
  }
  template <class T>
  static T& write(shared<T>& v) {
    return v.write();
  }

  time_point now() {
    scheduler& s = scheduler::here();
    s.visit({clock_object, 0, operation_kind::now, false});
    return s.now();
  }
  void sleep_until(time_point t) { scheduler::here().sleep_until(t); }
  std::chrono::sys_seconds unix_time() {
    scheduler& s = scheduler::here();
    s.visit({clock_object, 0, operation_kind::now, false});
    return s.unix_time();
  }
  std::uint64_t random() { return scheduler::here().random_bits(); }

  task_id current_task() noexcept { return scheduler::here().self().identity; }
  std::string name_of(task_id id) {
    const auto* t = scheduler::here().find(id);
    return t != nullptr ? t->name : "unknown";
  }
  template <class F>
  task spawn(std::string_view name, F&& function) {
    return task{scheduler::here().spawn(name, std::forward<F>(function))};
  }

  std::uint64_t new_key() noexcept { return next_key_++; }
  attachment* attached(std::uint64_t key) noexcept {
    for (const auto& [k, a] : scheduler::here().self().attachments) {
      if (k == key) return a.get();
    }
    return nullptr;
  }
  void attach(std::uint64_t key, std::unique_ptr<attachment> a) {
    auto& kept = scheduler::here().self().attachments;
    std::erase_if(kept,
                  [](const auto& e) { return scheduler::here().unobserved([&] { return e.second->expired(); }); });
    kept.emplace_back(key, std::move(a));
  }
  void detach(std::uint64_t key) {
    auto& kept = scheduler::here().self().attachments;
    std::erase_if(kept, [&](const auto& e) { return e.first == key; });
  }

  /// Registered interest in the death of a task.
  class monitor {
   public:
    monitor() noexcept = default;
    monitor(runtime&, task_id id, std::function<void()> callback)
        : watch_(std::make_shared<death_watch>(std::move(callback))) {
      if (!scheduler::here().watch_death(id, watch_)) watch_.reset();
    }
    monitor(monitor&&) noexcept = default;
    monitor& operator=(monitor&& other) noexcept {
      disarm();
      watch_ = std::move(other.watch_);
      return *this;
    }
    ~monitor() { disarm(); }

    bool armed() const noexcept { return watch_ != nullptr && watch_->armed(); }
    void disarm() noexcept {
      if (watch_ != nullptr) watch_->disarm();
      watch_.reset();
    }

   private:
    std::shared_ptr<death_watch> watch_;
  };

  /// A named place at which the task may be killed.
  static void point(std::string_view name) {
    scheduler& s = scheduler::here();
    s.visit_kill_point({0, 0, operation_kind::point, false});
    if (s.told()) s.say(name);
  }
  template <class Object>
  static void label(const Object& object, std::string_view name) {
    if constexpr (requires { object.id(); }) scheduler::here().name_object(object.id(), name);
  }
  static void relax() { scheduler::here().relax(); }

  void log(log_level, std::string_view message) { scheduler::here().say(message); }

 private:
  std::uint64_t next_key_ = 1;
};

}  // namespace wavetank::sim

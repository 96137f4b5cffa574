// Stop tokens over any runtime's mutex and condition variable, for worlds whose tasks are not threads.
//
// `std::stop_callback`'s destructor waits for a callback that is running, unless the *thread* that runs it is the
// current one. Two fibers on one thread would be taken for one: the destructor would return while the callback is
// suspended half-way. Here the identity compared is the task's. As in `<stop_token>` otherwise; the differences: there
// is no `std::nostopstate` source, and a callback must be `noexcept`.
#pragma once

#include <wavetank/impl/runtime.h>

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace wavetank {

/// `World` is a runtime, still incomplete where it names its tokens, and default-constructible: only its `mutex`,
/// `condition_variable` and `current_task()` are used.
namespace stop_detail {

/// `World::death_shelter` where the world can kill its tasks, else nothing.
template <class World, class = void>
struct shelter {
  struct type {};
};
template <class World>
struct shelter<World, std::void_t<typename World::death_shelter>> {
  using type = typename World::death_shelter;
};

/// A callback in the list of its state. Guarded by the state's mutex, but for `run`.
struct callback_node {
  virtual void run() noexcept = 0;

  callback_node* previous = nullptr;
  callback_node* next = nullptr;
  bool waits = false;    ///< in the list: not begun
  bool running = false;  ///< begun, not ended

 protected:
  ~callback_node() = default;
};

template <class World>
class state {
 public:
  bool requested() {
    const std::lock_guard lock{mutex_};
    return requested_;
  }

  bool request() {
    std::unique_lock lock{mutex_};
    if (requested_) return false;
    requested_ = true;
    requester_ = World{}.current_task();
    while (callback_node* const node = first_) {
      unlink(*node);
      node->running = true;
      bool destroyed = false;
      destroyed_in_callback_ = &destroyed;
      lock.unlock();
      node->run();
      lock.lock();
      destroyed_in_callback_ = nullptr;
      if (destroyed) continue;
      node->running = false;
      ended_.notify_all();
    }
    return true;
  }

  /// False: stop was requested before, so that the caller runs its callback itself.
  bool add(callback_node& node) {
    const std::lock_guard lock{mutex_};
    if (requested_) return false;
    node.next = first_;
    if (first_ != nullptr) first_->previous = &node;
    first_ = &node;
    node.waits = true;
    return true;
  }

  /// Afterwards the callback does not run, and is not running on another task. Called by a destructor.
  void remove(callback_node& node) {
    [[maybe_unused]] const typename shelter<World>::type no_exception_leaves_a_destructor{};
    std::unique_lock lock{mutex_};
    if (node.waits) {
      unlink(node);
    } else if (node.running && requester_ == World{}.current_task()) {
      *destroyed_in_callback_ = true;  // by the callback itself
    } else {
      while (node.running) ended_.wait(lock);
    }
  }

 private:
  void unlink(callback_node& node) {
    (node.previous != nullptr ? node.previous->next : first_) = node.next;
    if (node.next != nullptr) node.next->previous = node.previous;
    node.previous = node.next = nullptr;
    node.waits = false;
  }

  typename World::mutex mutex_;
  typename World::condition_variable ended_;
  bool requested_ = false;
  task_id requester_;
  callback_node* first_ = nullptr;
  bool* destroyed_in_callback_ = nullptr;
};

}  // namespace stop_detail

template <class World>
class basic_stop_source;
template <class World, class F>
class basic_stop_callback;

/// As `std::stop_token`.
template <class World>
class basic_stop_token {
 public:
  basic_stop_token() = default;
  bool stop_possible() const noexcept { return state_ != nullptr; }
  bool stop_requested() const { return state_ != nullptr && state_->requested(); }
  friend bool operator==(const basic_stop_token&, const basic_stop_token&) = default;

 private:
  friend class basic_stop_source<World>;
  template <class W, class F>
  friend class basic_stop_callback;
  explicit basic_stop_token(std::shared_ptr<stop_detail::state<World>> state) : state_(std::move(state)) {}

  std::shared_ptr<stop_detail::state<World>> state_;
};

/// As `std::stop_source`.
template <class World>
class basic_stop_source {
 public:
  basic_stop_source() : state_(std::make_shared<stop_detail::state<World>>()) {}
  basic_stop_token<World> get_token() const { return basic_stop_token<World>{state_}; }
  bool stop_possible() const noexcept { return state_ != nullptr; }
  bool stop_requested() const { return state_ != nullptr && state_->requested(); }
  /// Runs the callbacks on this task. True if this was the first request.
  bool request_stop() const {
    const auto keep_alive = state_;
    return keep_alive != nullptr && keep_alive->request();
  }

 private:
  std::shared_ptr<stop_detail::state<World>> state_;
};

/// As `std::stop_callback`: runs `F` once when stop is requested, at once if it was. The destructor waits for a run on
/// another task.
template <class World, class F>
class basic_stop_callback final : stop_detail::callback_node {
  static_assert(std::is_nothrow_invocable_v<F>, "a stop callback must be noexcept");

 public:
  basic_stop_callback(const basic_stop_token<World>& token, F callback)
      : state_(token.state_), callback_(std::move(callback)) {
    if (state_ == nullptr || state_->add(*this)) return;
    state_ = nullptr;
    callback_();
  }
  basic_stop_callback(const basic_stop_callback&) = delete;
  basic_stop_callback& operator=(const basic_stop_callback&) = delete;
  ~basic_stop_callback() {
    if (state_ != nullptr) state_->remove(*this);
  }

 private:
  void run() noexcept override { callback_(); }

  std::shared_ptr<stop_detail::state<World>> state_;
  F callback_;
};

}  // namespace wavetank

// One merge per node: a semaphore of one permit, whose holder is named by the shard that it merges.
//
// It promises: at most one holder; an attempt that does not wait says who holds; a stale permit frees nobody, because
// each hold has a generation; the death of the owner frees, once, with a warning in the log; those who wait do so in
// FIFO order, and a permit that is given back goes to the first of them within the release. No operation throws but for
// want of memory, and then nothing has changed.
//
// Cost: a mutex, and a monitor on the owner for each hold. A merge takes seconds, so this is simple rather than fast.
// It leaves out: a movable limit (see `counting_semaphore`), re-entrance, permits between processes.
#pragma once

#include <wavetank/impl/runtime.h>
#include <wavetank/impl/semaphore/acquire_error.h>
#include <wavetank/impl/semaphore/merge_core.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace wavetank {

/// All members may be called by any task at any time, but for construction and destruction. Destruction closes, and
/// leaves the handle of a live permit invalid. The runtime must outlive the semaphore and its handles.
template <runtime R>
class merge_semaphore {
  using core_type = semaphore_detail::merge_core<R>;

 public:
  using time_point = typename R::time_point;
  using duration = typename R::time_point::duration;
  using stop_token = typename R::stop_token;
  class permit;
  using result = tl::expected<permit, merge_refusal>;

  static constexpr time_point no_deadline = semaphore_detail::no_deadline<R>;

  /// Who holds the permit, and since when.
  struct held {
    shard_index shard;
    task_id owner;
    duration age;
  };

  explicit merge_semaphore(R& world, std::string name = "merge_semaphore")
      : core_(std::make_shared<core_type>(world, std::move(name))) {}
  merge_semaphore(const merge_semaphore&) = delete;
  merge_semaphore& operator=(const merge_semaphore&) = delete;
  ~merge_semaphore() { core_->destroy(); }

  /// The permit now, or `busy` with the shard that holds (not re-entrant: also if the caller holds), or `closed`.
  result acquire(shard_index shard) { return owned(core_->try_take(shard)); }

  /// Waits in FIFO order until the permit is granted, or `timed_out` (at the deadline), `closed`, `cancelled`. A
  /// deadline that has passed means one attempt without suspension.
  result acquire_until(shard_index shard, time_point deadline, const stop_token& stop = {}) {
    return owned(core_->take(shard, deadline, stop));
  }

  /// Releases by name: the current task must be the owner, and hold for `shard`. The permit is the safe form: it alone
  /// tells one hold of a task from the next.
  release_result release(shard_index shard) noexcept { return core_->release_by_name(shard); }

  /// The hold, or nothing if the semaphore is free.
  std::optional<held> status() const {
    const auto seen = core_->status();
    if (!seen) return std::nullopt;
    return held{seen->shard, seen->owner, core_->world.now() - seen->since};
  }

  std::size_t waiting() const noexcept { return core_->waiting(); }

  /// Answers `closed` to every waiter and every later call. The permit stays valid. Idempotent.
  void close() noexcept { core_->close(); }

 private:
  result owned(const typename core_type::attempt& got) {
    if (!got) return tl::make_unexpected(got.error());
    core_->watch_owner(*got);
    return permit{core_, *got};
  }

  std::shared_ptr<core_type> core_;
};

/// The permit of one hold. Moving the handle does not change the owner. One handle is for one task at a time. May
/// outlive its owner and the semaphore, and then is not `valid()`.
template <runtime R>
class merge_semaphore<R>::permit {
 public:
  permit() = default;
  permit(permit&& other) noexcept : core_(std::move(other.core_)), generation_(std::exchange(other.generation_, 0)) {}
  permit& operator=(permit&& other) noexcept {
    if (this == &other) return *this;
    release();
    core_ = std::move(other.core_);
    generation_ = std::exchange(other.generation_, 0);
    return *this;
  }
  ~permit() { release(); }

  /// Distinguishes this hold from all others of its semaphore. 0: no hold.
  std::uint64_t generation() const noexcept { return generation_; }

  /// The hold lasts: not released, its owner not dead, its semaphore not destroyed.
  bool valid() const noexcept { return core_ != nullptr && core_->holds(generation_); }

  /// Ends the hold; the first waiter has it at once. `not_holder` if it had ended: a later hold is never touched.
  release_result release() noexcept {
    if (core_ == nullptr) return release_result::not_holder;
    const release_result done = core_->release(generation_);
    core_ = nullptr;
    generation_ = 0;
    return done;
  }

  /// From now on only the death of `to`, a release by `to`, or this handle, ends the hold: for the task that does the
  /// I/O. If `to` is dead, the hold ends. Throws `std::bad_alloc` and then has done nothing.
  transfer_result transfer(task_id to) {
    return core_ != nullptr ? core_->transfer(generation_, to) : transfer_result::nothing;
  }

 private:
  friend class merge_semaphore;
  permit(std::shared_ptr<core_type> core, std::uint64_t generation) noexcept
      : core_(std::move(core)), generation_(generation) {}

  std::shared_ptr<core_type> core_;
  std::uint64_t generation_ = 0;
};

}  // namespace wavetank

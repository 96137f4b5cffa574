// A disk log that several tasks write to: frames take turns, and one sync is for all that was written before it began.
//
// Writing and syncing go on beside each other: while one task syncs, others write what the next sync will cover.
// Whoever finds its batch covered when it looks does not sync again.
#pragma once

#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <utility>

namespace wavetank {

/// Any task at any time. It promises what the log promises (disk_log.h), to each task.
template <runtime R, file_system F>
class shared_log {
 public:
  using log_type = disk_log<R, F>;
  using written_batch = typename log_type::written_batch;

  explicit shared_log(log_type log) : log_(std::move(log)) {
    R::label(turn_, "log's turn");
    R::label(mutex_, "log's mutex");
    R::label(sync_ended_, "log's sync");
  }

  /// Gives the batch its place in the log. Short, but where a segment begins: no sync else. Not durable before
  /// `sync` says so; if nobody asks, it is written all the same, and the next sync is for it too.
  tl::expected<written_batch, append_error> write(std::span<const std::span<const std::byte>> items) {
    const std::lock_guard turn{turn_};
    if (auto refused = log_.refusal(items)) return tl::make_unexpected(std::move(*refused));
    std::unique_lock lock{mutex_};
    if (log_.needs_segment()) {
      settle(lock);
      lock.unlock();  // nothing is written or synced meanwhile: this task has the turn, and all is settled
      if (auto refused = log_.begin_segment()) return tl::make_unexpected(std::move(*refused));
      lock.lock();
    }
    auto step = log_.begin_write();
    lock.unlock();
    step.run(items);
    lock.lock();
    return log_.end_write(step);
  }

  /// Blocks until it is known what became of the batch: its sequence, or an error that says `outcome_unknown`.
  tl::expected<std::uint64_t, append_error> sync(const written_batch& batch) {
    std::unique_lock lock{mutex_};
    for (;;) {
      if (auto known = log_type::outcome_of(batch)) return std::move(*known);
      sync_once(lock);
    }
  }

  /// As `disk_log::discard_before`. Who wants to write waits meanwhile, who wants to sync does not.
  tl::expected<std::size_t, log_error> discard_before(std::uint64_t sequence) {
    const std::lock_guard turn{turn_};
    const task_shelter<R> sheltered;  // a segment that is gone is known to be
    return log_.discard_before(sequence);
  }

 private:
  /// Whatever was written is durable, or its outcome is unknown for good. With the turn, so that nothing is added.
  void settle(std::unique_lock<typename R::mutex>& lock) {
    while (log_.has_unsynced()) sync_once(lock);
  }

  /// Waits for the sync that runs, or runs one. A task is not ended in it: nobody would know what it did.
  void sync_once(std::unique_lock<typename R::mutex>& lock) {
    if (syncing_) return sync_ended_.wait(lock);
    const task_shelter<R> sheltered;
    syncing_ = true;
    auto step = log_.begin_sync();
    lock.unlock();
    step.run();
    lock.lock();
    log_.end_sync(step);
    syncing_ = false;
    sync_ended_.notify_all();
  }

  typename R::mutex turn_;   ///< of whoever writes; taken before `mutex_`
  typename R::mutex mutex_;  ///< guards the log but for what the turn guards; never held during a write or a sync
  typename R::condition_variable sync_ended_;
  bool syncing_ = false;
  log_type log_;
};

}  // namespace wavetank

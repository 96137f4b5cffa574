// The batcher of one shard, as its callers use it: they submit, wait, flush, stop.
#pragma once

#include <wavetank/impl/batch/batch_limits.h>
#include <wavetank/impl/batch/commit_turns.h>
#include <wavetank/impl/batch/shard_state.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// A handle: the shard's state lives as long as any of its copies, so that a call may outlast the batcher. All members
/// may be called by any task.
template <runtime R, class Backend>
class batch_core {
 public:
  using request = write_request<R, Backend>;
  using request_ptr = std::shared_ptr<request>;
  using answer_type = typename request::answer_type;
  using time_point = typename R::time_point;
  using duration = typename R::time_point::duration;

  batch_core(R& world, Backend& backend, shard_number shard, const batch_options& options)
      : of_(std::make_shared<state>(world, backend, shard, options)) {}

  const batch_options& options() const noexcept { return of_->options; }
  bool stopping() const noexcept { return of_->stopping.load(std::memory_order_acquire); }

  /// Accepts a request, or says why not. Whoever calls then waits (`await`), or the reply will be called.
  std::optional<write_error> submit(const request_ptr& one, const std::string& kind, batch_window may_wait) const {
    one->from = this_submitter();
    const lock_type lock{of_->mutex, of_->news};
    if (auto refused = refusal(*one, kind)) return refused;
    const time_point now = of_->world.now();
    const duration window = may_wait.now(of_->pace.usual(), of_->pace.alone_for(of_->world.current_task(), now));
    keep_order(*one, kind);
    if (!of_->slots.fits(kind, *one)) of_->slots.seal(kind, commit_reason::rollover);
    of_->unanswered.accept(*one);
    of_->slots.append(kind, one, now, window.count() <= 0 ? now : now + window);
    one->from->last_slot = one->slot;
    turns().go_on(now);
    return std::nullopt;
  }

  /// Waits for the answer, and commits if it is this caller's turn. Unwound, it withdraws the request.
  answer_type await(const request_ptr& one) const {
    try {
      while (one->signal.await(of_->world, one->deadline) != caller_news::answered) {
        lock_type lock{of_->mutex, of_->news};
        if (!one->answered && one->appointed) {
          turns().lead(lock, one.get());
        } else if (!one->answered && one->deadline <= of_->world.now()) {
          expire(one);
        }
        if (one->answered) break;
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      const lock_type lock{of_->mutex, of_->news};
      give_up(one);
      throw;
    }
    return std::move(*one->answer);
  }

  /// Waits until this task has nothing unanswered in the shard; its queued requests go at once. What ended the wait
  /// before that, if anything did: the deadline, or the batcher's destruction. Without a lock if it has nothing.
  std::optional<write_cause> drain_own(time_point deadline) const {
    const auto* const link = known_submitter();
    if (link == nullptr) return std::nullopt;
    submitter<R>& own = *link->record;
    if (own.unanswered.load(std::memory_order_acquire) == 0) return std::nullopt;
    lock_type lock{of_->mutex, of_->news};
    of_->slots.seal_generation(own.last_slot, commit_reason::order);
    turns().appoint(of_->world.now());
    while (!of_->destroyed && own.unanswered.load(std::memory_order_relaxed) != 0) {
      if (!lock.wait_until(of_->world, of_->unanswered.forgotten, deadline)) return write_cause::deadline;
    }
    if (of_->destroyed) return write_cause::destroyed;
    return std::nullopt;
  }

  /// As `window_batcher::flush`.
  bool flush(time_point deadline) const {
    lock_type lock{of_->mutex, of_->news};
    return flush_with(lock, deadline);
  }

  /// As `window_batcher::stop`.
  bool stop(time_point deadline) const {
    const task_shelter<R> sheltered;
    lock_type lock{of_->mutex, of_->news};
    of_->stopping.store(true, std::memory_order_release);
    flush_with(lock, deadline);
    answer_queued(lock, write_cause::stopped);
    return of_->unanswered.none();
  }

  void destroy() const {
    const task_shelter<R> sheltered;
    std::vector<typename R::task> own_tasks;
    {
      lock_type lock{of_->mutex, of_->news};
      of_->stopping.store(true, std::memory_order_release);
      of_->destroyed = true;
      answer_queued(lock, write_cause::destroyed);
      answer_in_flight(lock);
      of_->tasks.wake_up.notify_all();
      of_->unanswered.forgotten.notify_all();
      own_tasks = of_->tasks.take_all();
    }
    for (auto& one : own_tasks) one.join();
  }

  void shorten(const std::string& kind, duration window) const {
    const lock_type lock{of_->mutex, of_->news};
    const auto now = of_->world.now();
    of_->slots.shorten(kind, window, now);
    turns().go_on(now);
  }

  batch_metrics metrics() const {
    const std::lock_guard lock{of_->mutex};
    return of_->metrics;
  }
  std::uint64_t pending_items() const {
    const std::lock_guard lock{of_->mutex};
    return of_->unanswered.items();
  }

 private:
  using state = shard_state<R, Backend>;
  using lock_type = typename state::lock_type;

  commit_turns<R, Backend> turns() const noexcept { return commit_turns<R, Backend>{*of_}; }

  /// Of this task, if it ever submitted to the shard.
  const submitter_link<R>* known_submitter() const {
    return static_cast<const submitter_link<R>*>(of_->world.attached(of_->submitters));
  }
  std::shared_ptr<submitter<R>> this_submitter() const {
    if (const auto* const known = known_submitter()) return known->record;
    auto made = std::make_unique<submitter_link<R>>();
    auto record = made->record;
    of_->world.attach(of_->submitters, std::move(made));
    return record;
  }

  std::optional<write_error> refusal(const request& one, const std::string& kind) const {
    const batch_options& most = of_->options;
    if (of_->stopping.load(std::memory_order_relaxed)) return write_error{write_problem::shutting_down};
    if (auto never_fits = oversize(one, most)) return never_fits;
    const bool full = of_->unanswered.items() + one.commands.size() > most.max_pending_items ||
                      of_->unanswered.bytes() + one.bytes > most.max_pending_bytes;
    if (full || (of_->commits.full(of_->slots.sealed()) && !of_->slots.fits(kind, one))) {
      return write_error{write_problem::overloaded, write_cause::none, most.retry_after};
    }
    return std::nullopt;
  }

  /// What a submitter wrote to another slot goes before what it writes now.
  void keep_order(const request& one, const std::string& kind) const {
    if (one.from->unanswered.load(std::memory_order_relaxed) == 0) return;
    if (of_->slots.generation_of(kind) != one.from->last_slot) {
      of_->slots.seal_generation(one.from->last_slot, commit_reason::order);
    }
  }

  /// A deadline has come: a queued request is withdrawn, one in flight is answered without waiting for its commit.
  void expire(const request_ptr& one) const {
    if (of_->slots.withdraw(*one)) {
      of_->unanswered.settle(one, write_problem::not_committed, write_cause::deadline);
    } else {
      of_->unanswered.settle(one, write_problem::unknown_outcome, write_cause::deadline);
    }
  }

  /// The caller is being ended in its wait: nobody wants the answer any more.
  void give_up(const request_ptr& one) const {
    one->waits = false;
    if (of_->slots.withdraw(*one)) of_->unanswered.settle(one, write_problem::not_committed, write_cause::task_died);
    if (std::exchange(one->appointed, false)) turns().give_up_turn();
  }

  bool flush_with(lock_type& lock, time_point deadline) const {
    of_->slots.seal_all(commit_reason::flush);
    turns().appoint(of_->world.now());
    auto mine = of_->unanswered.flush();
    while (!mine.is_done() && lock.wait_until(of_->world, mine.done, deadline)) {
    }
    return mine.is_done();
  }

  void answer_queued(lock_type& lock, write_cause why) const {
    const auto queued = of_->slots.clear();
    for (const auto& one : queued) {
      of_->unanswered.settle(one, write_problem::not_committed, why);
      if (std::exchange(one->appointed, false)) of_->commits.give_up_turn();
    }
    of_->unanswered.reply_to(queued, lock);
  }

  /// By the destruction, which nobody waits for.
  void answer_in_flight(lock_type& lock) const {
    std::vector<request_ptr> answered;
    for (const auto& commit : of_->commits.all()) {
      for (const auto& one : commit->batch.requests) {
        if (of_->unanswered.settle(one, write_problem::unknown_outcome, write_cause::destroyed))
          answered.push_back(one);
      }
    }
    of_->unanswered.reply_to(answered, lock);
  }

  std::shared_ptr<state> of_;
};

}  // namespace wavetank::batch_detail

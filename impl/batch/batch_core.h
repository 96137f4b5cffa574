// The batcher of one shard, as its callers, the tasks that commit and its own task share it.
//
// Who commits: a caller that waits for an answer is appointed to commit the batch that is next, so that a lone writer
// meets no other task; where nobody waits, and for timers, the batcher has a task of its own, which is made when it is
// first needed. One commit is in flight at a time. Everything is decided under one mutex, which is never held during a
// commit or a reply.
#pragma once

#include <wavetank/impl/batch/batch_commit.h>
#include <wavetank/impl/batch/batch_slots.h>
#include <wavetank/impl/batch/commit_pace.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

template <runtime R, class Backend>
class batch_core : public std::enable_shared_from_this<batch_core<R, Backend>> {
 public:
  using request = write_request<R, Backend>;
  using request_ptr = std::shared_ptr<request>;
  using answer_type = typename request::answer_type;
  using slot = batch_slot<R, Backend>;
  using time_point = typename R::time_point;
  using duration = typename R::time_point::duration;

  batch_core(R& of, Backend& to, shard_number number, batch_options how)
      : world(of), backend(to), shard(number), options(how), slots_(options) {
    R::label(mutex_, "batcher's mutex");
    R::label(runner_wake_up_, "batcher's own task");
    R::label(progress_, "batcher's progress");
  }

  /// Accepts a request, or says why not. Whoever calls then waits (`await`), or the reply will be called.
  std::optional<write_error> submit(const request_ptr& one, const std::string& kind, batch_window may_wait) {
    const std::lock_guard lock{mutex_};
    if (auto refused = refusal(*one, kind)) return refused;
    const time_point now = world.now();
    const duration window = may_wait.now(pace_.usual(), pace_.alone_for(one->from.get(), now));
    keep_order(*one, kind);
    if (!slots_.fits(kind, *one)) slots_.seal(kind, commit_reason::rollover);
    one->number = ++accepted_;
    ++pending_;
    pending_items_ += one->commands.size();
    pending_bytes_ += one->bytes;
    one->from->unanswered.fetch_add(1, std::memory_order_relaxed);
    one->counted = true;
    slots_.append(kind, one, now, window.count() <= 0 ? now : now + window);
    one->from->last_slot = one->slot;
    appoint(now);
    wake_runner_for_timers();
    return std::nullopt;
  }

  /// Waits for the answer, and commits if it is this caller's turn. Unwound, it withdraws the request.
  answer_type await(const request_ptr& one) {
    std::unique_lock lock{mutex_};
    try {
      while (!one->answer) {
        if (one->appointed) {
          lead(lock, one.get());
        } else if (one->deadline <= world.now()) {
          expire(*one);
        } else if (one->deadline == time_point::max()) {
          one->wake_up.wait(lock);
        } else {
          one->wake_up.wait_until(lock, one->deadline);
        }
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      give_up(*one);
      throw;
    }
    return std::move(*one->answer);
  }

  /// Waits until the submitter has nothing unanswered; its queued requests go at once.
  void drain(submitter<R>& own) {
    std::unique_lock lock{mutex_};
    slots_.seal_generation(own.last_slot, commit_reason::order);
    appoint(world.now());
    while (own.unanswered.load(std::memory_order_relaxed) != 0) progress_.wait(lock);
  }

  /// True: everything accepted before this call is answered. False: the deadline came.
  bool flush(time_point deadline) {
    std::unique_lock lock{mutex_};
    return flush_with(lock, deadline);
  }

  /// As `window_batcher::stop`.
  bool stop(time_point deadline) {
    const task_shelter<R> sheltered;
    std::unique_lock lock{mutex_};
    stopping_.store(true, std::memory_order_release);
    flush_with(lock, deadline);
    answer_queued(lock, write_cause::stopped);
    return pending_ == 0;
  }

  void destroy() {
    const task_shelter<R> sheltered;
    std::vector<typename R::task> runners;
    {
      std::unique_lock lock{mutex_};
      stopping_.store(true, std::memory_order_release);
      destroyed_ = true;
      answer_queued(lock, write_cause::destroyed);
      std::vector<request_ptr> unknown;
      for (const auto& one : in_flight_) {
        if (settle(*one, tl::make_unexpected(write_error{write_problem::unknown_outcome, write_cause::destroyed}))) {
          unknown.push_back(one);
        }
      }
      reply_to(unknown, lock);
      runner_wake_up_.notify_all();
      runners = std::move(runners_);
    }
    for (auto& one : runners) one.join();
  }

  /// Why the request could never fit a slot.
  std::optional<write_error> oversize(const request& one) const {
    if (one.commands.size() > options.max_items) return too_large(options.max_items, one.commands.size());
    if (one.bytes > options.max_bytes) return too_large(options.max_bytes, one.bytes);
    if (one.work > options.max_work) return too_large(options.max_work, one.work);
    return std::nullopt;
  }

  bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

  void shorten(const std::string& kind, duration window) {
    const std::lock_guard lock{mutex_};
    slots_.shorten(kind, window);
    appoint(world.now());
    wake_runner_for_timers();
  }

  batch_metrics metrics() {
    const std::lock_guard lock{mutex_};
    return metrics_;
  }
  std::uint64_t pending_items() {
    const std::lock_guard lock{mutex_};
    return pending_items_;
  }

  R& world;
  Backend& backend;
  const shard_number shard;
  const batch_options options;

 private:
  struct flush_call {
    std::uint64_t barrier;
    std::uint64_t remaining;
    typename R::condition_variable done;
  };

  std::optional<write_error> refusal(const request& one, const std::string& kind) const {
    const std::uint64_t items = one.commands.size();
    if (stopping_.load(std::memory_order_relaxed)) return write_error{write_problem::shutting_down};
    if (auto never_fits = oversize(one)) return never_fits;
    const bool full =
        pending_items_ + items > options.max_pending_items || pending_bytes_ + one.bytes > options.max_pending_bytes;
    if (full || (busy_ && !slots_.fits(kind, one))) {
      return write_error{write_problem::overloaded, write_cause::none, options.retry_after};
    }
    return std::nullopt;
  }
  static write_error too_large(std::uint64_t limit, std::uint64_t asked) {
    return {write_problem::too_large, write_cause::none, {}, limit, asked};
  }

  /// What a submitter wrote to another slot goes before what it writes now.
  void keep_order(const request& one, const std::string& kind) {
    if (one.from->unanswered.load(std::memory_order_relaxed) == 0) return;
    if (slots_.generation_of(kind) != one.from->last_slot) {
      slots_.seal_generation(one.from->last_slot, commit_reason::order);
    }
  }

  // Who commits -----------------------------------------------------------------------------------------------------

  /// If something is ready and nobody commits: a caller that waits for it, or the batcher's own task.
  void appoint(time_point now) {
    if (busy_) return;
    const slot* const ready = slots_.next(now);
    if (ready == nullptr) return;
    busy_ = true;
    for (const auto& one : ready->requests) {
      if (!one->waits) continue;
      one->appointed = true;
      one->wake_up.notify_one();
      return;
    }
    runner_appointed_ = true;
    wake_runner();
  }

  /// Commits the batch that is next, and appoints whoever is to commit after it. With the mutex, which it gives up for
  /// the commit and the replies.
  void lead(std::unique_lock<typename R::mutex>& lock, request* appointed) {
    if (appointed != nullptr) appointed->appointed = false;
    runner_appointed_ = false;
    const time_point now = world.now();
    slot* const ready = slots_.next(now);
    if (ready == nullptr) return step_down();
    slot batch = slots_.take(*ready);
    count(batch, now);
    for (const auto& one : batch.requests) one->in_flight = true;
    in_flight_ = batch.requests;
    batch_commit<R, Backend> work{backend, shard, batch.requests};
    lock.unlock();
    try {
      work.run();
    } catch (...) {  // this task is being ended in it
      const task_shelter<R> sheltered;
      lock.lock();
      finish(lock, batch, work);
      throw;
    }
    lock.lock();
    pace_.took(world.now() - now);
    finish(lock, batch, work);
  }

  void finish(std::unique_lock<typename R::mutex>& lock, const slot& batch, batch_commit<R, Backend>& work) {
    const task_shelter<R> sheltered;
    in_flight_.clear();
    std::vector<request_ptr> answered;
    for (std::size_t i = 0; i < batch.requests.size(); ++i) {
      batch.requests[i]->in_flight = false;
      if (settle(*batch.requests[i], std::move(work.answers()[i]))) answered.push_back(batch.requests[i]);
      forget(*batch.requests[i]);
    }
    slots_.make_kind_due(batch.kind, world.now());
    step_down();
    reply_to(answered, lock);
  }

  void step_down() {
    busy_ = false;
    appoint(world.now());
    wake_runner_for_timers();
  }

  void count(const slot& batch, time_point now) {
    ++metrics_.by_reason[static_cast<std::size_t>(batch.reason)];
    ++metrics_.batches;
    metrics_.items += batch.items;
    metrics_.largest_batch = std::max(metrics_.largest_batch, batch.items);
    metrics_.longest_wait =
        std::max(metrics_.longest_wait, std::chrono::duration_cast<std::chrono::nanoseconds>(now - batch.opened));
  }

  // Answers ---------------------------------------------------------------------------------------------------------

  /// The request's one answer. False: it has been answered.
  bool settle(request& one, answer_type said) {
    if (one.answered) return false;
    one.answered = true;
    one.answer.emplace(std::move(said));
    one.admission.leave();
    --pending_;
    pending_items_ -= one.commands.size();
    pending_bytes_ -= one.bytes;
    if (!one.in_flight) forget(one);
    for (flush_call* const each : flushes_) {
      if (one.number <= each->barrier && --each->remaining == 0) each->done.notify_all();
    }
    if (one.waits) one.wake_up.notify_one();
    return true;
  }

  /// Its submitter may write elsewhere without overtaking it. Of a request in flight only when its commit has ended,
  /// even if its deadline answered it before.
  void forget(request& one) {
    if (!std::exchange(one.counted, false)) return;
    if (one.from->unanswered.fetch_sub(1, std::memory_order_release) == 1) progress_.notify_all();
  }

  /// Calls the replies, without the mutex.
  void reply_to(const std::vector<request_ptr>& answered, std::unique_lock<typename R::mutex>& lock) {
    const auto wanted = [](const request_ptr& one) { return static_cast<bool>(one->reply); };
    if (std::none_of(answered.begin(), answered.end(), wanted)) return;
    const task_shelter<R> sheltered;  // each is called, whatever becomes of this task
    lock.unlock();
    for (const auto& one : answered) {
      if (wanted(one)) one->reply(std::move(*one->answer));
    }
    lock.lock();
  }

  void answer_queued(std::unique_lock<typename R::mutex>& lock, write_cause why) {
    const auto queued = slots_.clear();
    for (const auto& one : queued) {
      settle(*one, not_committed(why));
      if (std::exchange(one->appointed, false)) busy_ = false;
    }
    reply_to(queued, lock);
  }

  static auto not_committed(write_cause why) {
    return tl::make_unexpected(write_error{write_problem::not_committed, why});
  }

  /// A deadline has come: a queued request is withdrawn, one in flight is answered without waiting for its commit.
  void expire(request& one) {
    if (slots_.withdraw(one)) {
      settle(one, not_committed(write_cause::deadline));
    } else {
      settle(one, tl::make_unexpected(write_error{write_problem::unknown_outcome, write_cause::deadline}));
    }
  }

  /// The caller is being ended in its wait: nobody wants the answer any more.
  void give_up(request& one) {
    const task_shelter<R> sheltered;
    one.waits = false;
    if (slots_.withdraw(one)) settle(one, not_committed(write_cause::task_died));
    if (std::exchange(one.appointed, false)) step_down();
  }

  // Flush -----------------------------------------------------------------------------------------------------------

  bool flush_with(std::unique_lock<typename R::mutex>& lock, time_point deadline) {
    slots_.seal_all(commit_reason::flush);
    appoint(world.now());
    flush_call mine{accepted_, pending_, {}};
    const auto listed = flushes_.insert(flushes_.end(), &mine);
    try {
      while (mine.remaining != 0) {
        if (deadline == time_point::max()) {
          mine.done.wait(lock);
        } else if (deadline <= world.now()) {
          break;
        } else {
          mine.done.wait_until(lock, deadline);
        }
      }
    } catch (...) {
      flushes_.erase(listed);
      throw;
    }
    flushes_.erase(listed);
    return mine.remaining == 0;
  }

  // The batcher's own task ------------------------------------------------------------------------------------------

  void wake_runner() {
    if (destroyed_) return;
    if (!runner_lives_) {
      runner_lives_ = true;
      runners_.push_back(world.spawn("batcher", [self = this->shared_from_this()] { self->run(); }));
    }
    runner_wake_up_.notify_one();
  }

  /// When the batcher's own task has something to do, if nobody wakes it before.
  time_point next_event() const noexcept { return slots_.next_event(!busy_); }

  void wake_runner_for_timers() {
    const time_point next = next_event();
    if (next != time_point::max() && (!runner_lives_ || next < runner_sleeps_until_)) wake_runner();
  }

  void run() {
    std::unique_lock lock{mutex_};
    try {
      while (!destroyed_) {
        expire_deadlines(lock);
        if (runner_appointed_) {
          lead(lock, nullptr);
          continue;
        }
        appoint(world.now());
        if (runner_appointed_ || destroyed_) continue;
        runner_sleeps_until_ = next_event();
        if (runner_sleeps_until_ == time_point::max()) {
          runner_wake_up_.wait(lock);
        } else if (runner_sleeps_until_ > world.now()) {
          runner_wake_up_.wait_until(lock, runner_sleeps_until_);
        }
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      runner_lives_ = false;
      const bool had_the_turn = std::exchange(runner_appointed_, false);  // else it is somebody else's, or nobody's
      if (had_the_turn) step_down();
      if (!had_the_turn && !destroyed_) wake_runner_for_timers();
      throw;
    }
  }

  void expire_deadlines(std::unique_lock<typename R::mutex>& lock) {
    const auto late = slots_.take_expired(world.now());
    for (const auto& one : late) settle(*one, not_committed(write_cause::deadline));
    reply_to(late, lock);
  }

  typename R::mutex mutex_;
  typename R::template atomic<bool> stopping_{false};
  bool destroyed_ = false;
  bool busy_ = false;  ///< somebody is appointed or commits
  bool runner_appointed_ = false;
  bool runner_lives_ = false;
  time_point runner_sleeps_until_ = time_point::max();
  batch_slots<R, Backend> slots_;
  commit_pace<time_point> pace_;
  std::vector<request_ptr> in_flight_;
  std::uint64_t accepted_ = 0;
  std::uint64_t pending_ = 0;  ///< requests that are not answered
  std::uint64_t pending_items_ = 0;
  std::uint64_t pending_bytes_ = 0;
  std::list<flush_call*> flushes_;
  batch_metrics metrics_;
  std::vector<typename R::task> runners_;
  typename R::condition_variable runner_wake_up_;
  typename R::condition_variable progress_;
};

}  // namespace wavetank::batch_detail

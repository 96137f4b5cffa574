// The batcher of one shard, as its callers, the tasks that commit and its own tasks share it.
//
// Who commits: a caller that waits for an answer is appointed to commit the batch that is next, so that a lone writer
// meets no other task; where nobody waits, and for timers, the batcher has tasks of its own, as many as commits may be
// in flight, each made when it is first needed. Commits are begun one at a time; where the backend takes several, the
// next is begun while those before it are on their way, and whoever ends first waits to be answered. A commit whose
// task dies, in either step, ends there: its requests are answered `unknown_outcome` in their turn, and those behind it
// go on in the order in which they were begun. Everything is decided under one mutex, which is never held during a
// commit or a reply, nor while callers are told their news.
#pragma once

#include <wavetank/impl/batch/batch_slots.h>
#include <wavetank/impl/batch/commit_pace.h>
#include <wavetank/impl/batch/commits_in_flight.h>
#include <wavetank/impl/batch/flush_calls.h>
#include <wavetank/impl/batch/telling_lock.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
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
  using commit_ptr = typename commits_in_flight<R, Backend>::commit_ptr;
  using time_point = typename R::time_point;
  using duration = typename R::time_point::duration;

  batch_core(R& of, Backend& to, shard_number number, batch_options how)
      : world(of), backend(to), shard(number), options(how), slots_(options), commits_(how.max_commits_in_flight) {
    R::label(mutex_, "batcher's mutex");
    R::label(runner_wake_up_, "batcher's own task");
    R::label(progress_, "batcher's progress");
  }

  /// Accepts a request, or says why not. Whoever calls then waits (`await`), or the reply will be called.
  std::optional<write_error> submit(const request_ptr& one, const std::string& kind, batch_window may_wait) {
    const lock_type lock{mutex_, news_};
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
    try {
      while (one->signal.await(world, one->deadline) != caller_news::answered) {
        lock_type lock{mutex_, news_};
        if (!one->answered && one->appointed) {
          lead(lock, one.get());
        } else if (!one->answered && one->deadline <= world.now()) {
          expire(one);
        }
        if (one->answered) break;
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      const lock_type lock{mutex_, news_};
      give_up(one);
      throw;
    }
    return std::move(*one->answer);
  }

  /// Waits until the submitter has nothing unanswered; its queued requests go at once.
  void drain(submitter<R>& own) {
    lock_type lock{mutex_, news_};
    slots_.seal_generation(own.last_slot, commit_reason::order);
    appoint(world.now());
    while (own.unanswered.load(std::memory_order_relaxed) != 0) lock.wait(progress_);
  }

  /// True: everything accepted before this call is answered. False: the deadline came.
  bool flush(time_point deadline) {
    lock_type lock{mutex_, news_};
    return flush_with(lock, deadline);
  }

  /// As `window_batcher::stop`.
  bool stop(time_point deadline) {
    const task_shelter<R> sheltered;
    lock_type lock{mutex_, news_};
    stopping_.store(true, std::memory_order_release);
    flush_with(lock, deadline);
    answer_queued(lock, write_cause::stopped);
    // Requests in flight may have been answered at their deadlines: their commits are waited for all the same.
    while (!commits_.none() && wait(lock, progress_, deadline)) {
    }
    return pending_ == 0 && commits_.none();
  }

  void destroy() {
    const task_shelter<R> sheltered;
    std::vector<typename R::task> runners;
    {
      lock_type lock{mutex_, news_};
      stopping_.store(true, std::memory_order_release);
      destroyed_ = true;
      answer_queued(lock, write_cause::destroyed);
      std::vector<request_ptr> unknown;
      for (const commit_ptr& commit : commits_.all()) {
        for (const auto& one : commit->batch.requests) {
          if (settle(one, tl::make_unexpected(write_error{write_problem::unknown_outcome, write_cause::destroyed}))) {
            unknown.push_back(one);
          }
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
    const lock_type lock{mutex_, news_};
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
  using lock_type = telling_lock<R, request>;

  std::optional<write_error> refusal(const request& one, const std::string& kind) const {
    const std::uint64_t items = one.commands.size();
    if (stopping_.load(std::memory_order_relaxed)) return write_error{write_problem::shutting_down};
    if (auto never_fits = oversize(one)) return never_fits;
    const bool full =
        pending_items_ + items > options.max_pending_items || pending_bytes_ + one.bytes > options.max_pending_bytes;
    if (full || (commits_.full(slots_.sealed()) && !slots_.fits(kind, one))) {
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

  /// If something is ready and may begin: a caller that waits for it, or a task of the batcher's own.
  void appoint(time_point now) {
    if (!commits_.may_begin()) return;
    const slot* const ready = slots_.next(now, !commits_.none());
    if (ready == nullptr) return;
    commits_.take_turn();
    for (const auto& one : ready->requests) {
      if (!one->waits || one->leads) continue;
      one->appointed = true;
      news_.leader = one;
      return;
    }
    runner_appointed_ = true;
    wake_runner();
  }

  /// Commits the batch that is next, and appoints whoever is to commit after it. With the mutex, which it gives up for
  /// the commit and the replies.
  void lead(lock_type& lock, request* appointed) {
    if (appointed != nullptr) appointed->appointed = false;
    runner_appointed_ = false;
    const time_point now = world.now();
    slot* const ready = slots_.next(now, !commits_.none());
    if (ready == nullptr) return give_up_turn();
    const auto mine = std::make_shared<commit_in_flight<R, Backend>>(backend, shard, slots_.take(*ready));
    count(mine->batch, now);
    for (const auto& one : mine->batch.requests) one->in_flight = true;
    if (appointed != nullptr) appointed->leads = true;
    commits_.add(mine);
    lock.unlock();
    try {
      mine->work.begin();
      if (options.max_commits_in_flight > 1) let_next_begin(lock, *mine);
      mine->work.finish();
    } catch (...) {  // this task is being ended in it
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      end(lock, *mine, appointed);
      throw;
    }
    lock.lock();
    pace_.took(world.now() - now);
    end(lock, *mine, appointed);
  }

  void let_next_begin(lock_type& lock, commit_in_flight<R, Backend>& mine) {
    lock.lock();
    mine.begins = false;
    go_on();
    lock.unlock();
  }

  void end(lock_type& lock, commit_in_flight<R, Backend>& mine, request* leader) {
    const task_shelter<R> sheltered;
    mine.begins = false;
    mine.ended = true;
    if (leader != nullptr) leader->leads = false;
    if (!answer_ended(lock)) go_on();
  }

  /// In the order of the commits. One task at a time calls replies; whoever comes meanwhile leaves its answers to it.
  /// False: nothing could be answered yet.
  bool answer_ended(lock_type& lock) {
    bool answered_some = false;
    while (!replying_) {
      const commit_ptr one = commits_.take_ended();
      if (one == nullptr) break;
      answered_some = true;
      std::vector<request_ptr> answered;
      for (std::size_t i = 0; i < one->batch.requests.size(); ++i) {
        const request_ptr& each = one->batch.requests[i];
        each->in_flight = false;
        if (settle(each, std::move(one->work.answers()[i]))) answered.push_back(each);
        forget(*each);
      }
      slots_.completed(one->batch.kind, world.now());
      go_on();
      replying_ = true;
      reply_to(answered, lock);
      replying_ = false;
    }
    return answered_some;
  }

  /// It was somebody's turn, who begins nothing.
  void give_up_turn() {
    commits_.give_up_turn();
    go_on();
  }
  void go_on() {
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
  bool settle(const request_ptr& which, answer_type said) {
    request& one = *which;
    if (one.answered) return false;
    one.answered = true;
    one.answer.emplace(std::move(said));
    one.admission.leave();
    pending_items_ -= one.commands.size();
    pending_bytes_ -= one.bytes;
    if (!one.in_flight) forget(one);
    if (one.waits) news_.answered.push_back(which);
    if (!one.reply) no_longer_pending(one);
    return true;
  }

  /// It has its answer, or its reply has been called.
  void no_longer_pending(const request& one) {
    --pending_;
    flushes_.answered(one.number);
  }

  /// Its submitter may write elsewhere without overtaking it. Of a request in flight only when its commit has ended,
  /// even if its deadline answered it before.
  void forget(request& one) {
    if (!std::exchange(one.counted, false)) return;
    if (one.from->unanswered.fetch_sub(1, std::memory_order_release) == 1) progress_.notify_all();
  }

  /// Calls the replies, without the mutex.
  void reply_to(const std::vector<request_ptr>& answered, lock_type& lock) {
    const auto wanted = [](const request_ptr& one) { return static_cast<bool>(one->reply); };
    if (std::none_of(answered.begin(), answered.end(), wanted)) return;
    const task_shelter<R> sheltered;  // each is called, whatever becomes of this task
    lock.unlock();
    for (const auto& one : answered) {
      if (wanted(one)) one->reply(std::move(*one->answer));
    }
    lock.lock();
    for (const auto& one : answered) {
      if (wanted(one)) no_longer_pending(*one);
    }
  }

  void answer_queued(lock_type& lock, write_cause why) {
    const auto queued = slots_.clear();
    for (const auto& one : queued) {
      settle(one, not_committed(why));
      if (std::exchange(one->appointed, false)) commits_.give_up_turn();
    }
    reply_to(queued, lock);
  }

  static auto not_committed(write_cause why) {
    return tl::make_unexpected(write_error{write_problem::not_committed, why});
  }

  /// A deadline has come: a queued request is withdrawn, one in flight is answered without waiting for its commit.
  void expire(const request_ptr& one) {
    if (slots_.withdraw(*one)) {
      settle(one, not_committed(write_cause::deadline));
    } else {
      settle(one, tl::make_unexpected(write_error{write_problem::unknown_outcome, write_cause::deadline}));
    }
  }

  /// The caller is being ended in its wait: nobody wants the answer any more.
  void give_up(const request_ptr& one) {
    one->waits = false;
    if (slots_.withdraw(*one)) settle(one, not_committed(write_cause::task_died));
    if (std::exchange(one->appointed, false)) give_up_turn();
  }

  // Flush -----------------------------------------------------------------------------------------------------------

  bool flush_with(lock_type& lock, time_point deadline) {
    slots_.seal_all(commit_reason::flush);
    appoint(world.now());
    typename flush_calls<R>::call mine{flushes_, accepted_, pending_};
    while (!mine.is_done() && wait(lock, mine.done, deadline)) {
    }
    return mine.is_done();
  }

  /// False: the deadline has come, and it did not wait.
  bool wait(lock_type& lock, typename R::condition_variable& until, time_point deadline) {
    if (deadline == time_point::max()) {
      lock.wait(until);
    } else if (deadline <= world.now()) {
      return false;
    } else {
      lock.wait_until(until, deadline);
    }
    return true;
  }

  // The batcher's own tasks -----------------------------------------------------------------------------------------

  void wake_runner() {
    if (destroyed_) return;
    if (runners_alive_ == runners_leading_ && runners_alive_ < options.max_commits_in_flight) {
      ++runners_alive_;
      runners_.push_back(world.spawn("batcher", [self = this->shared_from_this()] { self->run(); }));
    }
    runner_wake_up_.notify_one();
  }

  /// When a task of the batcher's own has something to do, if nobody wakes it before.
  time_point next_event() const noexcept {
    const time_point timer = commits_.may_begin() ? slots_.next_timer(!commits_.none()) : time_point::max();
    return std::min(slots_.next_deadline(), timer);
  }

  void wake_runner_for_timers() {
    const time_point next = next_event();
    if (next == time_point::max()) return;
    if (runners_alive_ == runners_leading_ || next < runner_sleeps_until_) wake_runner();
  }

  void run() {
    lock_type lock{mutex_, news_};
    bool leading = false;
    try {
      while (!destroyed_) {
        expire_deadlines(lock);
        if (runner_appointed_) {
          runner_sleeps_until_ = time_point::max();  // this one does not watch the timers now
          ++runners_leading_;
          leading = true;
          lead(lock, nullptr);
          leading = false;
          --runners_leading_;
          continue;
        }
        appoint(world.now());
        if (runner_appointed_ || destroyed_) continue;
        runner_sleeps_until_ = next_event();
        wait(lock, runner_wake_up_, runner_sleeps_until_);
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      --runners_alive_;
      if (leading) --runners_leading_;
      runner_sleeps_until_ = time_point::max();  // it may have been this one that watched the timers
      const bool had_the_turn = std::exchange(runner_appointed_, false);  // else it is somebody else's, or nobody's
      if (had_the_turn) give_up_turn();
      if (!had_the_turn && !destroyed_) wake_runner_for_timers();
      throw;
    }
  }

  void expire_deadlines(lock_type& lock) {
    const auto late = slots_.take_expired(world.now());
    for (const auto& one : late) settle(one, not_committed(write_cause::deadline));
    reply_to(late, lock);
  }

  typename R::mutex mutex_;
  typename R::template atomic<bool> stopping_{false};
  bool destroyed_ = false;
  bool replying_ = false;  ///< somebody calls replies
  bool runner_appointed_ = false;
  std::uint64_t runners_alive_ = 0;
  std::uint64_t runners_leading_ = 0;
  time_point runner_sleeps_until_ = time_point::max();  ///< the one that watches the timers
  batch_slots<R, Backend> slots_;
  commit_pace<time_point> pace_;
  commits_in_flight<R, Backend> commits_;
  untold_news<request> news_;
  std::uint64_t accepted_ = 0;
  std::uint64_t pending_ = 0;  ///< requests that are not answered
  std::uint64_t pending_items_ = 0;
  std::uint64_t pending_bytes_ = 0;
  flush_calls<R> flushes_;
  batch_metrics metrics_;
  std::vector<typename R::task> runners_;
  typename R::condition_variable runner_wake_up_;
  typename R::condition_variable progress_;
};

}  // namespace wavetank::batch_detail

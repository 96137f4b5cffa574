// Who commits: a batch goes when it is due, and somebody is appointed to take it on its way.
//
// A caller that waits for an answer is appointed to commit the batch that is next, so that a lone writer meets no other
// task; where nobody waits, and for timers, the batcher has tasks of its own. Commits are begun one at a time; where
// the backend takes several, the next is begun while those before it are on their way, and whoever ends first waits to
// be answered. A commit whose task dies, in either step, ends there: its requests are answered `unknown_outcome` in
// their turn, and those behind it go on in the order in which they were begun.
#pragma once

#include <wavetank/impl/batch/shard_state.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// A view of a shard's state. Everything is called with the mutex, but `run`.
template <runtime R, class Backend>
class commit_turns {
 public:
  using state = shard_state<R, Backend>;
  using request = typename state::request;
  using request_ptr = std::shared_ptr<request>;
  using lock_type = typename state::lock_type;
  using time_point = typename R::time_point;

  explicit commit_turns(state& of) noexcept : of_(of) {}

  /// If something is ready and may begin: a caller that waits for it, or a task of the batcher's own.
  void appoint(time_point now) {
    if (!of_.commits.may_begin()) return;
    const slot* const ready = of_.slots.next(now, !of_.commits.none());
    if (ready == nullptr) return;
    of_.commits.take_turn();
    for (const auto& one : ready->requests) {
      if (!one->waits || one->leads) continue;
      one->appointed = true;
      of_.news.leader = one;
      return;
    }
    of_.tasks.appoint();
    wake_own_task(false);
  }

  /// Appoints whoever is next, and has the timers watched.
  void go_on(time_point now) {
    appoint(now);
    wake_for_timers();
  }

  /// It was somebody's turn, who begins nothing.
  void give_up_turn() {
    of_.commits.give_up_turn();
    go_on(of_.world.now());
  }

  /// Commits the batch that is next, and appoints whoever is to commit after it. Gives up the mutex for the commit and
  /// the replies. `appointed`: the caller's request; none in a task of the batcher's own.
  void lead(lock_type& lock, request* appointed) {
    if (appointed != nullptr) appointed->appointed = false;
    of_.tasks.take_appointment();
    const time_point now = of_.world.now();
    slot* const ready = of_.slots.next(now, !of_.commits.none());
    if (ready == nullptr) return give_up_turn();
    const auto mine = std::make_shared<commit>(of_.backend, of_.shard, of_.slots.take(*ready));
    count(mine->batch, now);
    for (const auto& one : mine->batch.requests) one->in_flight = true;
    if (appointed != nullptr) appointed->leads = true;
    of_.commits.add(mine);
    wake_for_timers();
    lock.unlock();
    try {
      mine->work.begin();
      if (of_.options.max_commits_in_flight > 1) let_next_begin(lock, *mine);
      mine->work.finish();
    } catch (...) {  // this task is being ended in it
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      end(lock, *mine, appointed);
      throw;
    }
    lock.lock();
    of_.pace.took(of_.world.now() - now);
    end(lock, *mine, appointed);
  }

 private:
  using slot = batch_slot<R, Backend>;
  using commit = commit_in_flight<R, Backend>;

  void count(const slot& batch, time_point now) {
    batch_metrics& all = of_.metrics;
    ++all.by_reason[static_cast<std::size_t>(batch.reason)];
    ++all.batches;
    all.items += batch.items;
    all.largest_batch = std::max(all.largest_batch, batch.items);
    all.longest_wait =
        std::max(all.longest_wait, std::chrono::duration_cast<std::chrono::nanoseconds>(now - batch.opened));
  }

  void let_next_begin(lock_type& lock, commit& mine) {
    lock.lock();
    mine.begins = false;
    go_on(of_.world.now());
    lock.unlock();
  }

  void end(lock_type& lock, commit& mine, request* leader) {
    const task_shelter<R> sheltered;
    mine.begins = false;
    mine.ended = true;
    if (leader != nullptr) leader->leads = false;
    if (!answer_ended(lock)) go_on(of_.world.now());
  }

  /// In the order of the commits. One task at a time calls replies; whoever comes meanwhile leaves its answers to it.
  /// False: nothing could be answered yet.
  bool answer_ended(lock_type& lock) {
    bool answered_some = false;
    while (!of_.replying) {
      const auto one = of_.commits.take_ended();
      if (one == nullptr) break;
      answered_some = true;
      std::vector<request_ptr> answered;
      for (std::size_t i = 0; i < one->batch.requests.size(); ++i) {
        const request_ptr& each = one->batch.requests[i];
        each->in_flight = false;
        if (of_.unanswered.settle(each, std::move(one->work.answers()[i]))) answered.push_back(each);
        of_.unanswered.forget(*each);
      }
      of_.slots.completed(one->batch.kind, of_.world.now());
      go_on(of_.world.now());
      of_.replying = true;
      of_.unanswered.reply_to(answered, lock);
      of_.replying = false;
    }
    return answered_some;
  }

  // The batcher's own tasks -----------------------------------------------------------------------------------------

  void wake_own_task(bool to_watch_commits) {
    if (of_.destroyed) return;
    of_.tasks.wake(to_watch_commits, [this] {
      return of_.world.spawn("batcher", [shared = of_.shared_from_this()] { commit_turns{*shared}.run(); });
    });
  }

  /// When a task of the batcher's own has something to do, if nobody wakes it before.
  time_point next_event() const noexcept {
    const time_point timer = of_.commits.may_begin() ? of_.slots.next_timer(!of_.commits.none()) : time_point::max();
    return std::min({of_.slots.next_deadline(), of_.commits.next_deadline(), timer});
  }

  void wake_for_timers() {
    const time_point next = next_event();
    if (next != time_point::max() && of_.tasks.would_miss(next)) wake_own_task(!of_.commits.none());
  }

  void run() {
    lock_type lock{of_.mutex, of_.news};
    bool leading = false;
    try {
      while (!of_.destroyed) {
        expire_deadlines(lock);
        if (of_.tasks.appointed()) {
          of_.tasks.begins_to_lead();
          leading = true;
          lead(lock, nullptr);
          leading = false;
          of_.tasks.has_led();
          continue;
        }
        appoint(of_.world.now());
        if (of_.tasks.appointed() || of_.destroyed) continue;
        of_.tasks.watches_until(next_event());
        lock.wait_until(of_.world, of_.tasks.wake_up, of_.tasks.watched_until());
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      if (leading) of_.tasks.has_led();
      of_.tasks.died();
      const bool had_the_turn = of_.tasks.take_appointment();  // else it is somebody else's, or nobody's
      if (had_the_turn) give_up_turn();
      if (!had_the_turn && !of_.destroyed) wake_for_timers();
      throw;
    }
  }

  /// Of requests that nobody waits for.
  void expire_deadlines(lock_type& lock) {
    const time_point now = of_.world.now();
    auto late = of_.slots.take_expired(now);
    for (const auto& one : late) of_.unanswered.settle(one, write_problem::not_committed, write_cause::deadline);
    for (const auto& one : of_.commits.expired(now)) {
      of_.unanswered.settle(one, write_problem::unknown_outcome, write_cause::deadline);
      late.push_back(one);
    }
    of_.unanswered.reply_to(late, lock);
  }

  state& of_;
};

}  // namespace wavetank::batch_detail

// The requests of one shard that were accepted and have no answer yet: each gets one, and whoever waits for that is
// told.
#pragma once

#include <wavetank/impl/batch/flush_calls.h>
#include <wavetank/impl/batch/telling_lock.h>
#include <wavetank/impl/batch/write_request.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// Guarded by the batcher's mutex.
template <runtime R, class Backend>
class unanswered_requests {
 public:
  using request = write_request<R, Backend>;
  using request_ptr = std::shared_ptr<request>;
  using answer_type = typename request::answer_type;

  /// Callers that are answered are told through `news`.
  explicit unanswered_requests(untold_news<request>& news) : news_(news) { R::label(forgotten, "batcher's progress"); }

  void accept(request& one) {
    one.number = ++accepted_;
    ++pending_;
    items_ += one.commands.size();
    bytes_ += one.bytes;
    one.from->unanswered.fetch_add(1, std::memory_order_relaxed);
    one.counted = true;
  }

  /// The request's one answer. False: it has been answered.
  bool settle(const request_ptr& which, answer_type said) {
    request& one = *which;
    if (one.answered) return false;
    one.answered = true;
    one.answer.emplace(std::move(said));
    items_ -= one.commands.size();
    bytes_ -= one.bytes;
    if (!one.in_flight) forget(one);
    if (one.waits) news_.answered.push_back(which);
    if (!one.reply) told(one);
    return true;
  }

  bool settle(const request_ptr& which, write_problem what, write_cause why) {
    return settle(which, tl::make_unexpected(write_error{what, why}));
  }

  /// It will not be committed any more: its submitter may write elsewhere without overtaking it, and maintenance may
  /// begin. Of a request in flight only when its commit has ended, even if its deadline answered it before.
  void forget(request& one) {
    if (!std::exchange(one.counted, false)) return;
    one.admission.leave();
    if (one.from->unanswered.fetch_sub(1, std::memory_order_release) == 1) forgotten.notify_all();
    if (one.told) settled(one);
  }

  /// Calls the replies of requests that have been settled, without the mutex.
  void reply_to(const std::vector<request_ptr>& answered, telling_lock<R, request>& lock) {
    const auto wanted = [](const request_ptr& one) { return static_cast<bool>(one->reply); };
    if (std::none_of(answered.begin(), answered.end(), wanted)) return;
    const task_shelter<R> sheltered;  // each is called, whatever becomes of this task
    lock.unlock();
    for (const auto& one : answered) {
      if (wanted(one)) one->reply(std::move(*one->answer));
    }
    lock.lock();
    for (const auto& one : answered) {
      if (wanted(one)) told(*one);
    }
  }

  /// Every request is answered, every reply has been called and every commit has ended.
  bool none() const noexcept { return pending_ == 0; }
  std::uint64_t items() const noexcept { return items_; }
  std::uint64_t bytes() const noexcept { return bytes_; }

  /// Waits for all that were accepted so far.
  typename flush_calls<R>::call flush() { return {flushes_, accepted_, pending_}; }

  /// Some submitter has nothing unanswered any more.
  typename R::condition_variable forgotten;

 private:
  /// It has its answer, and its reply, if it has one, has been called.
  void told(request& one) {
    one.told = true;
    if (!one.counted) settled(one);
  }
  void settled(const request& one) {
    --pending_;
    flushes_.settled(one.number);
  }

  untold_news<request>& news_;
  std::uint64_t accepted_ = 0;
  std::uint64_t pending_ = 0;
  std::uint64_t items_ = 0;
  std::uint64_t bytes_ = 0;
  flush_calls<R> flushes_;
};

}  // namespace wavetank::batch_detail

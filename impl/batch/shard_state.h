// What the callers of one shard's batcher, the tasks that commit and its own tasks share.
#pragma once

#include <wavetank/impl/batch/batch_slots.h>
#include <wavetank/impl/batch/batcher_tasks.h>
#include <wavetank/impl/batch/commit_pace.h>
#include <wavetank/impl/batch/commits_in_flight.h>
#include <wavetank/impl/batch/telling_lock.h>
#include <wavetank/impl/batch/unanswered_requests.h>

#include <memory>

namespace wavetank::batch_detail {

/// Everything is decided under one mutex, which is never held during a commit or a reply, nor while callers are told
/// their news. It guards all but what is constant.
template <runtime R, class Backend>
struct shard_state : std::enable_shared_from_this<shard_state<R, Backend>> {
  using request = write_request<R, Backend>;
  using time_point = typename R::time_point;
  using lock_type = telling_lock<R, request>;

  shard_state(R& of, Backend& to, shard_number number, const batch_options& how)
      : world(of),
        backend(to),
        shard(number),
        options(how),
        submitters(of.new_key()),
        tasks(how.max_commits_in_flight),
        slots(options),
        commits(how.max_commits_in_flight),
        unanswered(news) {
    R::label(mutex, "batcher's mutex");
  }

  R& world;
  Backend& backend;
  const shard_number shard;
  const batch_options options;
  const std::uint64_t submitters;  ///< the key of what a task keeps about the shard

  typename R::mutex mutex;
  typename R::template atomic<bool> stopping{false};  ///< written with the mutex, read without it as well
  bool destroyed = false;
  bool replying = false;  ///< somebody calls replies
  batcher_tasks<R> tasks;
  batch_slots<R, Backend> slots;
  commit_pace<time_point> pace;
  commits_in_flight<R, Backend> commits;
  untold_news<request> news;
  unanswered_requests<R, Backend> unanswered;
  batch_metrics metrics;
};

}  // namespace wavetank::batch_detail

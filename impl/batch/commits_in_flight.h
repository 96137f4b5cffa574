// The commits of one shard that are on their way: in order, bounded in number, begun one at a time, answered in order.
#pragma once

#include <wavetank/impl/batch/batch_commit.h>
#include <wavetank/impl/batch/batch_slots.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// One commit. `work` belongs to the task that commits, until it has ended.
template <runtime R, class Backend>
struct commit_in_flight {
  using slot = batch_slot<R, Backend>;

  commit_in_flight(Backend& backend, shard_number shard, slot taken)
      : batch(std::move(taken)), work(backend, shard, batch.requests) {}

  const slot batch;
  batch_commit<R, Backend> work;
  typename R::time_point expiry = batch.expiry;  ///< the first deadline of a request that nobody waits for
  bool begins = true;                            ///< its place is not fixed yet
  bool ended = false;
};

/// Guarded by the batcher's mutex.
template <runtime R, class Backend>
class commits_in_flight {
 public:
  using commit = commit_in_flight<R, Backend>;
  using commit_ptr = std::shared_ptr<commit>;
  using request_ptr = typename commit::slot::request_ptr;
  using time_point = typename R::time_point;

  explicit commits_in_flight(std::size_t limit) : limit_(limit) {}

  bool none() const noexcept { return all_.empty(); }
  const std::deque<commit_ptr>& all() const noexcept { return all_; }

  /// Another one may begin, and it is nobody's turn to begin it.
  bool may_begin() const noexcept {
    return !somebodys_turn_ && all_.size() < limit_ && (all_.empty() || !all_.back()->begins);
  }
  /// With so many sealed slots, one more could not go before another commit is done.
  bool full(std::size_t sealed) const noexcept { return all_.size() + sealed >= limit_; }

  /// Somebody is appointed: from now on until `add` or `give_up_turn` it is nobody else's turn.
  void take_turn() noexcept {
    assert(may_begin());
    somebodys_turn_ = true;
  }
  void give_up_turn() noexcept { somebodys_turn_ = false; }

  void add(commit_ptr one) {
    somebodys_turn_ = false;
    all_.push_back(std::move(one));
  }
  /// The oldest, if it has ended: it is answered, and no longer in flight.
  commit_ptr take_ended() {
    if (all_.empty() || !all_.front()->ended) return nullptr;
    commit_ptr first = std::move(all_.front());
    all_.pop_front();
    return first;
  }

  /// When the next deadline of a request that nobody waits for is. Linear in the commits.
  time_point next_deadline() const noexcept {
    time_point first = time_point::max();
    for (const commit_ptr& one : all_) first = std::min(first, one->expiry);
    return first;
  }
  /// The requests whose deadline has come and that nobody waits for, each once. They stay in their commits.
  std::vector<request_ptr> expired(time_point now) {
    std::vector<request_ptr> late;
    for (const commit_ptr& one : all_) {
      if (one->expiry > now) continue;
      one->expiry = time_point::max();
      for (const request_ptr& each : one->batch.requests) {
        if (each->waits || each->answered) continue;
        if (each->deadline <= now) {
          late.push_back(each);
        } else {
          one->expiry = std::min(one->expiry, each->deadline);
        }
      }
    }
    return late;
  }

 private:
  const std::size_t limit_;
  std::deque<commit_ptr> all_;
  bool somebodys_turn_ = false;
};

}  // namespace wavetank::batch_detail

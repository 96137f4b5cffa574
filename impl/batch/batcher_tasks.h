// The tasks that a batcher has of its own for one shard: how many there are, and what they are about.
//
// As many as commits may be in flight, and one more, each made when it is first needed. Of those that lead no commit
// one watches the timers and the deadlines.
#pragma once

#include <wavetank/impl/runtime.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// Guarded by the batcher's mutex.
template <runtime R>
class batcher_tasks {
 public:
  using time_point = typename R::time_point;

  explicit batcher_tasks(std::uint64_t commits) : commits_(commits) { R::label(wake_up, "batcher's own task"); }

  /// Wakes one that leads no commit; `spawn()` makes it where there is none and may be one. For a commit that is as
  /// many as may be in flight; to watch while they are on their way, one more.
  template <class Spawn>
  void wake(bool to_watch_commits, Spawn&& spawn) {
    if (none_idle() && alive_ < commits_ + (to_watch_commits ? 1 : 0)) {
      ++alive_;
      all_.push_back(spawn());
    }
    wake_up.notify_one();
  }

  /// One of them is to commit what is next.
  void appoint() noexcept { appointed_ = true; }
  bool appointed() const noexcept { return appointed_; }
  bool take_appointment() noexcept { return std::exchange(appointed_, false); }

  void begins_to_lead() noexcept {
    watched_until_ = time_point::max();  // this one does not watch the timers now
    ++leading_;
  }
  void has_led() noexcept { --leading_; }

  /// It sleeps until something comes at this instant, or it is woken.
  void watches_until(time_point next) noexcept { watched_until_ = next; }
  time_point watched_until() const noexcept { return watched_until_; }
  /// Nobody would wake up for something that comes then.
  bool would_miss(time_point next) const noexcept { return none_idle() || next < watched_until_; }

  void died() noexcept {
    --alive_;
    watched_until_ = time_point::max();  // it may have been this one that watched the timers
  }

  /// For whoever waits for their end.
  std::vector<typename R::task> take_all() noexcept { return std::move(all_); }

  typename R::condition_variable wake_up;

 private:
  bool none_idle() const noexcept { return alive_ == leading_; }

  const std::uint64_t commits_;
  bool appointed_ = false;
  std::uint64_t alive_ = 0;
  std::uint64_t leading_ = 0;
  time_point watched_until_ = time_point::max();
  std::vector<typename R::task> all_;
};

}  // namespace wavetank::batch_detail

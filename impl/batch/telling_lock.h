// A lock of the batcher's mutex, after whose release callers are told their news.
//
// Whoever is woken under a mutex wakes up to wait for it. The one that is to commit next is told after all others: what
// they write meanwhile goes with its batch, and a commit for twice as many is worth more than one that begins sooner.
#pragma once

#include <wavetank/impl/batch/caller_signal.h>
#include <wavetank/impl/runtime.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace wavetank::batch_detail {

/// News that nobody has been told yet. Guarded by the mutex.
template <class Request>
struct untold_news {
  std::shared_ptr<Request> leader;
  std::vector<std::shared_ptr<Request>> answered;

  bool empty() const noexcept { return leader == nullptr && answered.empty(); }
};

/// Used by one task.
template <runtime R, class Request>
class telling_lock {
 public:
  telling_lock(typename R::mutex& mutex, untold_news<Request>& news) : lock_(mutex), news_(news) {}
  telling_lock(const telling_lock&) = delete;
  telling_lock& operator=(const telling_lock&) = delete;
  ~telling_lock() {
    if (lock_.owns_lock()) unlock();
  }

  void lock() { lock_.lock(); }
  bool owns_lock() const noexcept { return lock_.owns_lock(); }
  void unlock() {
    const untold_news<Request> news = std::exchange(news_, {});
    lock_.unlock();
    for (const auto& one : news.answered) one->signal.tell(caller_news::answered);
    if (news.leader != nullptr) news.leader->signal.tell(caller_news::lead);
  }

  /// As those of a condition variable. Where there are news to tell, it tells them and does not wait.
  void wait(typename R::condition_variable& until) {
    if (news_.empty()) return until.wait(lock_);
    unlock();
    lock();
  }
  /// False: the deadline has come, and it did not wait.
  bool wait_until(R& world, typename R::condition_variable& until, typename R::time_point deadline) {
    if (deadline == R::time_point::max()) {
      wait(until);
    } else if (deadline <= world.now()) {
      return false;
    } else if (news_.empty()) {
      until.wait_until(lock_, deadline);
    } else {
      wait(until);
    }
    return true;
  }

 private:
  std::unique_lock<typename R::mutex> lock_;
  untold_news<Request>& news_;
};

}  // namespace wavetank::batch_detail

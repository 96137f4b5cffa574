// Threads that make the blocking calls of fibers, so that the other fibers of a thread go on meanwhile.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/fiber/future.hpp>

namespace wavetank {

/// Calls are begun in the order in which they came. Thread-safe; the destructor waits for the calls that were asked
/// for.
class io_threads {
 public:
  /// At least one thread.
  explicit io_threads(unsigned count);
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;
  ~io_threads();

  /// What `call()` answers or throws, on a thread of the pool; the calling fiber alone waits for it.
  template <class Call>
  std::invoke_result_t<Call&> run(Call call) {
    boost::fibers::packaged_task<std::invoke_result_t<Call&>()> task{std::move(call)};
    auto answer = task.get_future();
    post(job{[made = std::move(task)]() mutable { made(); }});
    return answer.get();
  }

 private:
  using job = std::packaged_task<void()>;
  void post(job one);
  void serve();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> waiting_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace wavetank

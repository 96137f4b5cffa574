#include <wavetank/impl/runtime/fiber/io_threads.h>

#include <algorithm>

namespace wavetank {

io_threads::io_threads(unsigned count) {
  for (unsigned i = 0; i < std::max(count, 1u); ++i) threads_.emplace_back([this] { serve(); });
}

io_threads::~io_threads() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  changed_.notify_all();
  for (std::thread& one : threads_) one.join();
}

void io_threads::post(job one) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(one));
  }
  changed_.notify_one();
}

void io_threads::serve() {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    job one = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    one();
  }
}

}  // namespace wavetank

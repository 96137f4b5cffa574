// What every peer has: a thread that drains it once an interval, and once more at the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

namespace wavetank::bench {

inline constexpr std::size_t batch_size = 1024;

template <class Drain>
class consumer {
 public:
  consumer(std::chrono::milliseconds interval, Drain drain)
      : drain_(std::move(drain)), thread_([this, interval] { run(interval); }) {}
  ~consumer() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    stop_.notify_one();
    thread_.join();
  }

 private:
  void run(std::chrono::milliseconds interval) {
    std::unique_lock lock{mutex_};
    auto next = std::chrono::steady_clock::now() + interval;
    while (!stopping_) {
      stop_.wait_until(lock, next);
      if (std::chrono::steady_clock::now() < next) continue;
      next += interval;
      lock.unlock();
      drain_();
      lock.lock();
    }
    drain_();
  }

  Drain drain_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Every run shows that nothing was dropped.
inline void require_all(const char* who, std::uint64_t put, std::uint64_t processed) {
  if (put == processed) return;
  std::fprintf(stderr, "%s: %llu put, %llu processed\n", who, static_cast<unsigned long long>(put),
               static_cast<unsigned long long>(processed));
  std::abort();
}

}  // namespace wavetank::bench

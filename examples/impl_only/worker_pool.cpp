// Sixteen workers, at most four at work: the shipped semaphore on threads, and nothing else of wavetank.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <string>
#include <vector>

#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

int main() {
  constexpr int workers = 16;
  constexpr int limit = 4;

  wavetank::thread_runtime world;
  wavetank::counting_semaphore slots{world, limit};
  std::atomic<int> at_work = 0;
  std::atomic<int> most_at_work = 0;
  std::atomic<int> done = 0;

  {
    std::vector<wavetank::thread_runtime::task> tasks;
    for (int i = 0; i < workers; ++i) {
      tasks.push_back(world.spawn("worker " + std::to_string(i), [&] {
        const auto permit = slots.acquire();
        if (!permit) return;
        const int now = ++at_work;
        for (int seen = most_at_work; seen < now && !most_at_work.compare_exchange_weak(seen, now);) {
        }
        --at_work;
        ++done;
      }));
    }
  }  // joins

  std::printf("%d of %d workers done, at most %d at a time, %d permits out\n", done.load(), workers,
              most_at_work.load(), static_cast<int>(slots.current()));
  return done == workers && most_at_work <= limit && slots.current() == 0 ? 0 : 1;
}

// The counting semaphore on threads beside `std::counting_semaphore`, which has neither owners nor an order.
//
// What the contended loops show: `one_permit` is two threads that acquire and release one permit as fast as they can.
// A semaphore that lets newcomers overtake mostly lets the same thread go on, and never leaves its cache; a strict one
// hands the permit to the other thread each time somebody waits. `ping_pong` passes the turn between two threads by two
// semaphores, where each acquire has to wait: here order costs nothing extra.
#include <wavetank/impl/counting_semaphore.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <barrier>
#include <cstdint>
#include <cstdlib>
#include <semaphore>
#include <thread>
#include <utility>

#include <benchmark/benchmark.h>

namespace {

using wavetank::counting_semaphore_options;
using wavetank::thread_runtime;
using semaphore = wavetank::counting_semaphore<thread_runtime>;

/// `std::counting_semaphore` behind the same few calls.
class std_semaphore {
 public:
  explicit std_semaphore(std::ptrdiff_t permits) : semaphore_(permits) {}
  class permit {
   public:
    permit() = default;
    explicit permit(std_semaphore& of) : of_(&of) {}
    void release() {
      if (of_ != nullptr) std::exchange(of_, nullptr)->semaphore_.release();
    }

   private:
    std_semaphore* of_ = nullptr;
  };
  permit acquire() {
    semaphore_.acquire();
    return permit{*this};
  }

 private:
  std::counting_semaphore<> semaphore_;
};

/// Ours behind the same calls.
class our_semaphore {
 public:
  our_semaphore(std::uint64_t limit, bool barging)
      : semaphore_(world_, limit, counting_semaphore_options{.name = "bench", .barging = barging}) {}
  semaphore::permit acquire() {
    auto got = semaphore_.acquire();
    if (!got) std::abort();
    return std::move(*got);
  }

 private:
  thread_runtime world_;
  semaphore semaphore_;
};

struct standard {
  static std_semaphore make(std::uint64_t limit) { return std_semaphore{static_cast<std::ptrdiff_t>(limit)}; }
};
struct strict {
  static our_semaphore make(std::uint64_t limit) { return our_semaphore{limit, false}; }
};
struct barging {
  static our_semaphore make(std::uint64_t limit) { return our_semaphore{limit, true}; }
};

template <class Kind>
void uncontended(benchmark::State& state) {
  auto s = Kind::make(4);
  for (auto _ : state) {
    auto held = s.acquire();
    benchmark::DoNotOptimize(held);
    held.release();
  }
}
BENCHMARK(uncontended<standard>);
BENCHMARK(uncontended<strict>);
BENCHMARK(uncontended<barging>);

constexpr int rounds = 20'000;

/// Runs `each(index)` on two threads, from a common start to the common end, once an iteration.
template <class F>
void on_two_threads(benchmark::State& state, F each) {
  for (auto _ : state) {
    std::barrier start{2};
    std::thread other{[&] {
      start.arrive_and_wait();
      each(1);
    }};
    start.arrive_and_wait();
    each(0);
    other.join();
  }
  state.SetItemsProcessed(state.iterations() * 2 * rounds);
}

template <class Kind>
void one_permit(benchmark::State& state) {
  auto s = Kind::make(1);
  on_two_threads(state, [&](int) {
    for (int i = 0; i < rounds; ++i) {
      auto held = s.acquire();
      benchmark::DoNotOptimize(held);
      held.release();
    }
  });
}
BENCHMARK(one_permit<standard>)->UseRealTime();
BENCHMARK(one_permit<strict>)->UseRealTime();
BENCHMARK(one_permit<barging>)->UseRealTime();

/// Two turnstiles: a thread waits at its own and opens the other's by giving back what was taken there.
template <class Kind>
void ping_pong(benchmark::State& state) {
  auto first = Kind::make(1);
  auto second = Kind::make(1);
  decltype(first.acquire()) taken[2]{decltype(first.acquire()){}, second.acquire()};
  const auto turns = [&](auto& mine, auto& my_slot, auto& other_slot) {
    for (int i = 0; i < rounds; ++i) {
      my_slot = mine.acquire();
      other_slot.release();
    }
  };
  on_two_threads(state, [&](int thread) {
    if (thread == 0) {
      turns(first, taken[0], taken[1]);
    } else {
      turns(second, taken[1], taken[0]);
    }
  });
}
BENCHMARK(ping_pong<standard>)->UseRealTime();
BENCHMARK(ping_pong<strict>)->UseRealTime();
BENCHMARK(ping_pong<barging>)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

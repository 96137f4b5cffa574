// A partition of numbers in the simulated world, and a processor that keeps what it was given.
#pragma once

#include "simulated.h"

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/queue_table.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::buffer_tests {

using namespace std::chrono_literals;
using numbers = queue_table<int>;
using number_partition = double_buffer_partition<sim::runtime, numbers>;

inline sim::time_point now() { return sim::scheduler::here().now(); }

/// Deliveries, and that there is one processor at a time.
struct recorder {
  std::vector<std::vector<int>> calls;  ///< that returned
  std::vector<int> all() const {
    std::vector<int> flat;
    for (const auto& one : calls) flat.insert(flat.end(), one.begin(), one.end());
    return flat;
  }
  bool running = false;
  std::uint32_t begun = 0;
  std::function<void(const number_partition::processor::context&)> behaves = [](const auto&) {};

  number_partition::processor processor() {
    number_partition::processor to;
    to.batch = [this](std::span<const int> batch, const auto& context) {
      struct one_at_a_time {
        explicit one_at_a_time(bool& flag) : running(flag) {
          sim::require(!running, "two processors at a time");
          running = true;
        }
        ~one_at_a_time() { running = false; }
        bool& running;
      } const alone{running};
      ++begun;
      const std::vector<int> mine(batch.begin(), batch.end());
      behaves(context);
      sim::require(std::equal(mine.begin(), mine.end(), batch.begin(), batch.end()), "records changed under the call");
      calls.push_back(mine);
    };
    return to;
  }
};

/// Tasks of the test itself: a partition's go on for as long as it lives.
class team {
 public:
  explicit team(sim::world& w) : world_(w) {}
  template <class F>
  void spawn(const char* name, F&& f) {
    tasks_.push_back(world_.runtime().spawn(name, std::forward<F>(f)));
  }
  void join() {
    for (auto& one : tasks_) one.join();
    tasks_.clear();
  }

 private:
  sim::world& world_;
  std::vector<sim::task_handle> tasks_;
};

inline std::unique_ptr<number_partition> make(sim::world& w, recorder& to, partition_options options = {}) {
  options.shards = std::min<std::size_t>(options.shards, 2);
  auto made = number_partition::make(w.runtime(), to.processor(), options);
  sim::require(made.has_value(), made ? "" : to_string(made.error()));
  return std::move(*made);
}

inline void require_balanced(number_partition& of) {
  const auto c = of.counts();
  sim::require(c.balanced(), "accepted " + std::to_string(c.accepted) + ", accounted " + std::to_string(c.accounted()));
}

inline void push_all(number_partition& to, int first, int last) {
  for (int i = first; i <= last; ++i) sim::require(to.put(i).has_value(), "refused");
}

}  // namespace wavetank::buffer_tests

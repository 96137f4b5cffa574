// Waiters are woken in the order in which they came, in every schedule.
#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/props/explore.h>
#include <wavetank/props/program/program_run.h>

#include <vector>

#include <gtest/gtest.h>

namespace wavetank::test::waiters_order_test {
namespace {

/// There are no files.
class no_keeper final : public file_keeper {
 public:
  io_result<file_sight> adopt(const cache_key&, cache_tier, const std::string&) override { return no_file{}; }
  io_result<std::uint64_t> remove(cache_tier, const std::string&) override { return std::uint64_t{0}; }
  void record_use(const std::string&, std::uint32_t, std::uint64_t) override {}
};

/// Who waits in the table, in the order in which they came; and who was woken, in that order.
class queue_watch {
 public:
  void waits(sim::task_index who) { watched_.push_back({who, false, false}); }
  /// After every visible operation.
  void look() {
    for (auto& each : watched_) {
      const auto& task = sim::scheduler::here().at(each.who);
      const bool waiting = task.state == sim::task_state::waiting && task.waits_for != nullptr;  // nobody told it yet
      if (waiting && !each.parked) {
        each.parked = true;
        queue_.push_back(each.who);
      } else if (!waiting && each.parked && !each.woken) {
        each.woken = true;
        sim::require(queue_.front() == each.who, "a waiter was woken before one that came earlier");
        queue_.erase(queue_.begin());
      }
    }
  }

 private:
  struct watched {
    sim::task_index who;
    bool parked;
    bool woken;
  };
  std::vector<watched> watched_;
  std::vector<sim::task_index> queue_;
};

TEST(simulated_waiters_order, is_that_of_their_coming) {
  explore(
      [](sim::world& w) {
        no_keeper keeper;
        reservation_table<sim::runtime> table(w.runtime(), keeper);
        const auto token = table.reserve_save(cache_key{}, cache_tier::disk, "path");
        queue_watch queue;
        for (int i = 0; i < 3; ++i) {
          const task_id id = w.spawn("waiter", [&] { static_cast<void>(table.lookup_exact_or_wait(cache_key{})); });
          queue.waits(sim::scheduler::here().find(id)->index);
        }
        {
          const props::watched_run watch{w, [&] { queue.look(); }};
          w.spawn("writer", [&] { table.cancel_reservation(*token); });
          w.join_all();
        }
      },
      {.schedules = 20'000});
}

}  // namespace
}  // namespace wavetank::test::waiters_order_test

// A table kind of a user's own, with no more than the concept asks for: amounts that are added up by name.
#include "simulated.h"

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::own_table_kind_test {
namespace {

struct amount {
  std::string name;
  std::uint64_t sum = 0;
};

class sums_table {
 public:
  using entry = amount;
  struct options {};
  struct cursor {
    bool began = false;
    std::size_t at = 0;
    std::vector<amount> all{};
  };

  static sums_table make(const options&, std::size_t shards) { return sums_table{shards}; }

  template <class Lease>
  void insert(Lease& lease, amount&& one) {
    const auto [at, fresh] = shards_[lease.shard()].try_emplace(std::move(one.name), one.sum);
    lease.accepted(1);
    if (fresh) return;
    at->second += one.sum;
    lease.superseded(1);
  }

  std::uint64_t size(std::size_t shard) const { return shards_[shard].size(); }

  std::uint64_t append_shard(std::size_t shard, sums_table& later) {
    std::uint64_t merged = 0;
    for (const auto& [name, sum] : later.shards_[shard]) {
      const auto [at, fresh] = shards_[shard].try_emplace(name, sum);
      if (fresh) continue;
      at->second += sum;
      ++merged;
    }
    later.shards_[shard].clear();
    return merged;
  }

  std::span<const amount> next_batch(cursor& at, std::uint64_t n) {
    begin(at);
    const std::size_t here = n == 0 ? at.all.size() - at.at : std::min<std::size_t>(n, at.all.size() - at.at);
    at.at += here;
    return std::span{at.all}.subspan(at.at - here, here);
  }
  std::vector<amount> take_rest(cursor& at) {
    begin(at);
    return {at.all.begin() + static_cast<std::ptrdiff_t>(std::exchange(at.at, at.all.size())), at.all.end()};
  }
  void clear() {
    for (auto& each : shards_) each.clear();
  }

 private:
  explicit sums_table(std::size_t shards) : shards_(shards) {}

  void begin(cursor& at) const {
    if (std::exchange(at.began, true)) return;
    for (const auto& shard : shards_) {
      for (const auto& [name, sum] : shard) at.all.push_back({name, sum});
    }
  }

  std::vector<std::map<std::string, std::uint64_t>> shards_;
};
static_assert(table_kind<sums_table>);

template <class R>
class sums {
 public:
  using partition = double_buffer_partition<R, sums_table>;

  explicit sums(R& world, partition_options options = {.processing_batch_size = 1, .shards = 2}) {
    batch_processor<R, sums_table> to;
    to.batch = [this](auto batch, const auto&) {
      for (const amount& each : batch) delivered_[each.name] += each.sum;
    };
    partition_ = std::move(*partition::make(world, to, options));
  }
  partition& at() { return *partition_; }
  std::map<std::string, std::uint64_t> stop() {
    partition_->stop();
    const auto counts = partition_->counts();
    EXPECT_TRUE(counts.balanced() && counts.buffered == 0 && counts.in_flight == 0);
    return delivered_;
  }

 private:
  std::map<std::string, std::uint64_t> delivered_;
  std::unique_ptr<partition> partition_;
};

const std::map<std::string, std::uint64_t> expected{{"even", 2 * (2 + 4)}, {"odd", 2 * (1 + 3 + 5)}};

template <class R>
void put_up_to_five(typename sums<R>::partition& to) {
  for (std::uint64_t n = 1; n <= 5; ++n) EXPECT_TRUE(to.put(amount{n % 2 == 0 ? "even" : "odd", n}).has_value());
}

/// Whatever tables its shards wait in, and however they are put together.
TEST(own_table_kind, loses_nothing_in_any_schedule) {
  expect_holds(
      [](sim::world& w) {
        sums<sim::runtime> all{w.runtime()};
        std::vector<sim::task_handle> writers;
        for (int i = 0; i < 2; ++i) {
          writers.push_back(w.runtime().spawn("writer", [&] { put_up_to_five<sim::runtime>(all.at()); }));
        }
        all.at().flush();
        for (auto& each : writers) each.join();
        w.require(all.stop() == expected, "an amount was lost, or counted twice");
      },
      {}, 20'000);
}

/// What was put after it is added to what it leaves.
TEST(own_table_kind, loses_nothing_behind_a_writer_that_stalls) {
  expect_holds(
      [](sim::world& w) {
        const std::chrono::milliseconds interval(10);
        sums<sim::runtime> all{w.runtime(), {.processing_interval = interval, .shards = 1}};
        auto stalls = w.runtime().spawn("stalls", [&] {
          sim::require(all.at().put(amount{"odd", 1}).has_value(), "refused");
          auto lease = all.at().current_table();
          lease.table().insert(lease, amount{"odd", 4});
          w.runtime().sleep_until(w.runtime().now() + 3 * interval);
        });
        auto goes_on = w.runtime().spawn("goes on", [&] {
          w.runtime().sleep_until(w.runtime().now() + 2 * interval);
          sim::require(all.at().put(amount{"odd", 2}).has_value(), "refused");
        });
        stalls.join();
        goes_on.join();
        w.require(all.stop() == std::map<std::string, std::uint64_t>{{"odd", 7}}, "an amount was lost");
      },
      {}, 2'000);
}

TEST(own_table_kind, loses_nothing_on_threads) {
  thread_runtime world;
  sums<thread_runtime> all{world};
  std::vector<thread_runtime::task> writers;
  for (int i = 0; i < 2; ++i) {
    writers.push_back(world.spawn("writer", [&] { put_up_to_five<thread_runtime>(all.at()); }));
  }
  all.at().flush();
  for (auto& each : writers) each.join();
  EXPECT_EQ(all.stop(), expected);
}

}  // namespace
}  // namespace wavetank::buffer_tests::own_table_kind_test

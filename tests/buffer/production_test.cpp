// The same source on threads and on fibers: a run with real time, and what is accounted at its end.
#include <wavetank/impl/buffer/log_listener.h>
#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/tests/conformance/production_worlds.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::production_test {
namespace {

using namespace std::chrono_literals;

template <class World>
class production : public ::testing::Test {};
TYPED_TEST_SUITE(production, conformance::production_worlds, conformance::world_names);

struct record {
  std::uint32_t producer;
  std::uint32_t number;
};

TYPED_TEST(production, every_record_arrives_once_and_in_its_producers_order) {
  TypeParam::run([](auto& world) {
    using R = std::remove_reference_t<decltype(world)>;
    using buffer = partitioned_buffer<R, queue_table<record>>;
    constexpr std::uint32_t producers = 4;
    constexpr std::uint32_t each = 20'000;
    typename R::mutex mutex;
    std::vector<std::uint32_t> next(producers, 0);
    bool in_order = true;
    typename buffer::processor to;
    to.batch = [&](auto batch, const auto&) {
      const std::lock_guard lock{mutex};
      for (const record& one : batch) in_order = in_order && next[one.producer]++ == one.number;
    };
    buffer_options o{.partitions = 2,
                     .each = {.processing_interval = 1ms, .processing_batch_size = 100, .drain_threshold = 1000}};
    const auto b = std::move(*buffer::make(world, to, o));
    std::vector<typename R::task> tasks;
    for (std::uint32_t p = 0; p < producers; ++p) {
      tasks.push_back(world.spawn("producer", [&, p] {
        for (std::uint32_t i = 0; i < each; ++i) {
          if (i % 3 == 0 && i + 1 < each) {
            EXPECT_TRUE(b->push({record{p, i}, record{p, i + 1}}));
            ++i;
          } else {
            EXPECT_TRUE(b->put(record{p, i}));
          }
          if (i % 1000 == 0) R::relax(~0U);
        }
      }));
    }
    for (auto& one : tasks) one.join();
    const auto said = b->stop();
    EXPECT_TRUE(said.drained);
    EXPECT_TRUE(in_order);
    EXPECT_EQ(next, std::vector<std::uint32_t>(producers, each));
    const auto c = b->counts();
    EXPECT_EQ(c.accepted, producers * each);
    EXPECT_EQ(c.delivered, producers * each);
    EXPECT_TRUE(c.balanced());
  });
}

TYPED_TEST(production, a_map_ends_with_the_newest_version_of_each_key) {
  TypeParam::run([](auto& world) {
    using R = std::remove_reference_t<decltype(world)>;
    using buffer = partitioned_buffer<R, hash_map_table<std::string, std::uint64_t>>;
    typename R::mutex mutex;
    std::map<std::string, std::uint64_t> store;
    bool older = false;
    typename buffer::processor to;
    to.batch = [&](auto batch, const auto&) {
      const std::lock_guard lock{mutex};
      for (const auto& one : batch) {
        older = older || store[one.key] > one.version;
        store[one.key] = one.version;
      }
    };
    buffer_options o{.partitions = 2, .each = {.processing_interval = 1ms}};
    const auto b = std::move(*buffer::make(world, to, o, {.table = {.version_floors = 1000}}));
    std::vector<typename R::task> tasks;
    for (std::uint64_t t = 0; t < 4; ++t) {
      tasks.push_back(world.spawn("writer", [&, t] {
        for (std::uint64_t v = 1; v <= 5'000; ++v) {
          const std::string key = "key " + std::to_string(v % 50);
          EXPECT_TRUE(b->put_newer(key, v, 4 * v + t));
          if (v % 500 == 0) {
            static_cast<void>(b->get(key));
            R::relax(~0U);
          }
        }
      }));
    }
    for (auto& one : tasks) one.join();
    EXPECT_TRUE(b->stop().drained);
    EXPECT_FALSE(older) << "a version was delivered after a newer one";
    EXPECT_EQ(store.size(), 50u);
    for (std::uint64_t k = 0; k < 50; ++k) {
      EXPECT_EQ(store["key " + std::to_string(k)], 4 * (4'950 + (k == 0 ? 50 : k)) + 3);
    }
    EXPECT_TRUE(b->counts().balanced());
  });
}

TYPED_TEST(production, whole_tables_are_the_processors_to_keep) {
  TypeParam::run([](auto& world) {
    using R = std::remove_reference_t<decltype(world)>;
    using table = queue_table<int>;
    using buffer = partitioned_buffer<R, table>;
    std::vector<std::shared_ptr<const table>> kept;
    typename buffer::processor to;
    to.table = [&](auto whole, const auto&) { kept.push_back(std::move(whole)); };
    const auto b =
        std::move(*buffer::make(world, to, {.partitions = 1, .each = {.processing_batch_size = whole_table}}));
    for (int i = 0; i < 4; ++i) {
      EXPECT_TRUE(b->put(i));
      EXPECT_TRUE(i % 2 == 0 || b->flush());
    }
    b->stop();
    ASSERT_EQ(kept.size(), 2u);
    std::vector<int> all;
    for (const auto& one : kept) one->for_each([&](int n) { all.push_back(n); });
    EXPECT_EQ(all, std::vector<int>({0, 1, 2, 3}));
  });
}

class kept_log final : public log_sink {
 public:
  void write(log_level, std::string_view message) noexcept override {
    const std::lock_guard lock{mutex_};
    text_ += std::string{message} + '\n';
  }
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

TEST(log_listener, tells_what_happens_for_people) {
  kept_log log;
  thread_runtime world{log};
  log_listener listener{world, "metrics"};
  using buffer = partitioned_buffer<thread_runtime, queue_table<int>>;
  buffer::processor to;
  to.batch = [](auto batch, const auto&) {
    if (batch.front() == 1) throw std::runtime_error("no {such} disk");
  };
  buffer_options o{.partitions = 1, .each = {.processing_batch_size = 1, .max_records = 2}};
  const auto b = std::move(*buffer::make(world, to, o, {.table = {}, .route = {}, .listener = &listener}));
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(b->put(i).has_value(), i < 3);
  b->stop();
  const std::string text = log.text();
  for (const char* part : {"metrics partition 0: started", "1 records dropped: rejected",
                           "processing of 2 records started", "processing of 1 records failed: threw: no {such} disk",
                           "processing of 2 records finished", "stopped (drained)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nnot in\n" << text;
  }
}

}  // namespace
}  // namespace wavetank::buffer_tests::production_test

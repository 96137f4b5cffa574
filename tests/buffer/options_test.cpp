// Options are checked as a whole, and errors say what to do; a hash stays what it was.
#include <wavetank/impl/buffer/partition_router.h>
#include <wavetank/impl/buffer/partitioned_buffer.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::buffer_tests::options_test {
namespace {

using namespace std::chrono_literals;
using buffer = partitioned_buffer<thread_runtime, queue_table<int>>;

TEST(buffer_options, what_is_out_of_range_is_named) {
  const std::vector<std::pair<std::string, std::function<void(buffer_options&)>>> wrong = {
      {"partitions", [](auto& o) { o.partitions = max_partitions + 1; }},
      {"processing_interval", [](auto& o) { o.each.processing_interval = 0s; }},
      {"processing_timeout", [](auto& o) { o.each.processing_timeout = 25h; }},
      {"processing_batch_size", [](auto& o) { o.each.processing_batch_size = whole_table; }},
      {"drain_threshold", [](auto& o) { o.each.drain_threshold = 0; }},
      {"max_records", [](auto& o) { o.each.max_records = 0; }},
      {"max_bytes", [](auto& o) { o.max_bytes = 0; }},
      {"on_failure", [](auto& o) { o.each.on_failure = failure_policy::dead_letter; }},
      {"max_attempts", [](auto& o) { o.each.max_attempts = 0; }},
      {"max_backoff", [](auto& o) { o.each.max_backoff = 1ns; }},
      {"shards", [](auto& o) { o.each.shards = 3; }},
  };
  thread_runtime world;
  buffer::processor to;
  to.batch = [](auto, const auto&) {};
  for (const auto& [option, spoil] : wrong) {
    buffer_options o;
    spoil(o);
    const auto made = buffer::make(world, to, o);
    ASSERT_FALSE(made.has_value()) << option;
    EXPECT_EQ(made.error().option, option) << to_string(made.error());
  }
  EXPECT_EQ(to_string(option_error{"processing_interval", "is 0 ns: it must be between 1 ns and 24 h"}),
            "processing_interval is 0 ns: it must be between 1 ns and 24 h");
}

TEST(buffer_options, an_update_is_applied_to_all_partitions_or_to_none) {
  thread_runtime world;
  buffer::processor to;
  to.batch = [](auto, const auto&) {};
  const auto b = std::move(*buffer::make(world, to, {.partitions = 2}));
  EXPECT_EQ(b->update_options({.partitions = 3}).error().option, "partitions");
  EXPECT_EQ(b->update_options({.each = {.shards = 1}}).error().option, "shards");
  EXPECT_TRUE(b->update_options({.each = {.max_records = 1}}));
  for (const std::size_t p : {0u, 1u}) {
    EXPECT_TRUE(b->put_to(p, 1));
    EXPECT_EQ(b->put_to(p, 1).error().what, put_problem::full);
  }
  EXPECT_TRUE(b->update_options({}));
  EXPECT_TRUE(b->put_to(0, 1));
}

TEST(put_error, says_what_to_do) {
  EXPECT_EQ(to_string(put_error{put_problem::full, 7}),
            "full: the bound of 7 is reached; try again later, or raise it");
  EXPECT_EQ(to_string(put_error{put_problem::bad_partition, 4, 9}),
            "bad partition: there is no partition 9 of 4; the router must answer a smaller number");
}

TEST(stable_hash, is_the_same_for_ever) {
  EXPECT_EQ(stable_hash<int>{}(1), 0x910A2DEC89025CC1u);
  EXPECT_EQ(stable_hash<std::string>{}("a key of more than eight bytes"),
            stable_hash<std::string_view>{}("a key of more than eight bytes"));
  EXPECT_NE(stable_hash<std::string>{}(std::string("a\0", 2)), stable_hash<std::string>{}("a"));
  EXPECT_EQ(partition_of_hash(~std::uint64_t{0}, 7), 6u);
  EXPECT_EQ(partition_of_hash(0, 7), 0u);
}

TEST(routing, goes_by_the_users_function) {
  thread_runtime world;
  buffer::processor to;
  to.batch = [](auto, const auto&) {};
  const auto b =
      std::move(*buffer::make(world, to, {.partitions = 3},
                              {.table = {}, .route = [](int n, std::size_t) { return static_cast<std::size_t>(n); }}));
  EXPECT_TRUE(b->put(2));
  EXPECT_TRUE(b->push({0, 2, 1}));
  EXPECT_EQ(b->counts(2).buffered, 2u);
  EXPECT_EQ(b->counts(0).buffered, 1u);
  EXPECT_EQ(b->put(3).error().what, put_problem::bad_partition);
  EXPECT_EQ(b->push({0, 3}).error().what, put_problem::bad_partition);
  EXPECT_EQ(b->buffer_size(), 4u);
}

/// As values of trees are: made of a list of themselves.
struct nested {
  nested(int n) : value(n) {}  // NOLINT(google-explicit-constructor): as they do
  nested(std::initializer_list<nested> all) : value(all.begin()->value), depth(all.begin()->depth + 1) {}
  int value;
  int depth = 0;
};

TEST(routing, leaves_the_record_as_it_is) {
  thread_runtime world;
  using tree = partitioned_buffer<thread_runtime, queue_table<nested>>;
  std::vector<int> depths;
  tree::processor to;
  to.batch = [&](auto batch, const auto&) {
    for (const nested& each : batch) depths.push_back(each.depth);
  };
  const auto b = std::move(*tree::make(
      world, to, {.partitions = 2},
      {.table = {}, .route = [](const nested& one, std::size_t) { return static_cast<std::size_t>(one.depth); }}));
  EXPECT_TRUE(b->put(nested(1)));
  EXPECT_TRUE(b->flush());
  EXPECT_EQ(depths, std::vector<int>{0});
}

TEST(queue_table, keeps_its_order_where_a_size_could_not_be_told) {
  thread_runtime world;
  using sorted = partitioned_buffer<thread_runtime, queue_table<int, int>>;
  std::vector<int> seen;
  sorted::processor to;
  to.batch = [&](auto batch, const auto&) { seen.insert(seen.end(), batch.begin(), batch.end()); };
  const auto bytes_of = [](int n) -> std::uint64_t {
    if (n < 0) throw std::runtime_error("no size");
    return 1;
  };
  const auto b = std::move(*sorted::make(world, to, {.partitions = 1},
                                         {.table = {.sort_key = [](int n) { return n; }, .bytes_of = bytes_of}}));
  EXPECT_TRUE(b->put(1));
  EXPECT_THROW(b->put(-5), std::runtime_error);
  EXPECT_THROW(b->push({0, -5}), std::runtime_error);
  EXPECT_TRUE(b->put(3));
  EXPECT_TRUE(b->put(2));
  EXPECT_TRUE(b->flush());
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
}

TEST(queue_table, delivers_by_key_and_then_by_insertion) {
  thread_runtime world;
  using item = std::pair<int, int>;
  using sorted = partitioned_buffer<thread_runtime, queue_table<item, int>>;
  std::vector<item> seen;
  sorted::processor to;
  to.batch = [&](auto batch, const auto&) { seen.insert(seen.end(), batch.begin(), batch.end()); };
  const auto b =
      std::move(*sorted::make(world, to, {.partitions = 1, .each = {.processing_batch_size = 2}},
                              {.table = {.sort_key = [](const item& i) { return i.first; }, .bytes_of = {}}}));
  for (const item& one : {item{3, 0}, {1, 1}, {2, 2}, {1, 3}, {3, 4}}) EXPECT_TRUE(b->put(one));
  EXPECT_TRUE(b->flush());
  EXPECT_EQ(seen, (std::vector<item>{{1, 1}, {1, 3}, {2, 2}, {3, 0}, {3, 4}}));
}

}  // namespace
}  // namespace wavetank::buffer_tests::options_test

// Options of a batcher that are out of range: each is named, with what it is and what it must be.
#include <wavetank/impl/batch/batch_options.h>

#include <chrono>
#include <functional>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::batch_options_test {
namespace {

using std::chrono::seconds;

std::string fault_of(const std::function<void(batch_options&)>& change) {
  batch_options options;
  change(options);
  const auto valid = validate(options, true);
  return valid ? "none" : to_string(valid.error());
}

TEST(batch_options, the_usual_ones_are_valid) {
  EXPECT_EQ(fault_of([](auto&) {}), "none");
}

TEST(batch_options, a_limit_of_nothing_is_refused) {
  EXPECT_EQ(fault_of([](auto& o) { o.max_items = 0; }), "max_items is 0: it must be at least 1");
  EXPECT_EQ(fault_of([](auto& o) { o.max_bytes = 0; }), "max_bytes is 0: it must be at least 1");
  EXPECT_EQ(fault_of([](auto& o) { o.max_work = 0; }), "max_work is 0: it must be at least 1");
}

TEST(batch_options, what_fits_a_slot_fits_all_of_them) {
  EXPECT_EQ(fault_of([](auto& o) { o.max_pending_items = 9'999; }),
            "max_pending_items is 9999: it must be at least 10000");
  EXPECT_EQ(fault_of([](auto& o) { o.max_pending_bytes = 1; }), "max_pending_bytes is 1: it must be at least 8388608");
  EXPECT_EQ(fault_of([](auto& o) { o.max_items = o.max_pending_items = 1; }), "none");
}

TEST(batch_options, a_window_is_between_none_and_the_longest) {
  EXPECT_EQ(fault_of([](auto& o) { o.put_window = batch_window{seconds(10)}; }), "none");
  EXPECT_EQ(fault_of([](auto& o) { o.put_window = batch_window{seconds(11)}; }),
            "put_window is 11000000000 ns: it must be between 0 ns and 10 s");
  EXPECT_EQ(fault_of([](auto& o) { o.delete_window = batch_window{seconds(-1)}; }),
            "delete_window is -1000000000 ns: it must be between 0 ns and 10 s");
  EXPECT_EQ(fault_of([](auto& o) { o.generic_window = batch_window::adaptive(20'000, seconds(1)); }),
            "generic_window is 20000 % of a commit: it must be at most 10000 %");
}

TEST(batch_options, advice_lies_in_the_future) {
  EXPECT_EQ(fault_of([](auto& o) { o.retry_after = seconds(-1); }),
            "retry_after is -1000000000 ns: it must be at least 0 ns");
}

}  // namespace
}  // namespace wavetank::batch_tests::batch_options_test

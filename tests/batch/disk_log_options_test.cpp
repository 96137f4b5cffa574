// Options of a log that are out of range: each is named, and no log is opened with them.
#include <wavetank/impl/batch/disk_log_options.h>

#include <functional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "log_lab.h"

namespace wavetank::batch_tests::disk_log_options_test {
namespace {

std::string fault_of(const std::function<void(disk_log_options&)>& change) {
  disk_log_options options;
  change(options);
  const auto valid = validate(options);
  return valid ? "none" : to_string(valid.error());
}

TEST(disk_log_options, the_usual_ones_are_valid) {
  EXPECT_EQ(fault_of([](auto&) {}), "none");
  EXPECT_EQ(fault_of([](auto& o) { o.reserve_bytes = 0; }), "none");
}

TEST(disk_log_options, each_that_is_out_of_range_is_named) {
  EXPECT_EQ(fault_of([](auto& o) { o.segment_bytes = 0; }),
            "segment_bytes is 0 bytes: it must be between 1 and 4294967296");
  EXPECT_EQ(fault_of([](auto& o) { o.max_batch_bytes = 0; }),
            "max_batch_bytes is 0 bytes: it must be between 1 and 1073741824");
  EXPECT_EQ(fault_of([](auto& o) { o.max_batch_bytes = std::uint64_t{4} << 30U; }),
            "max_batch_bytes is 4294967296 bytes: it must be between 1 and 1073741824");
  EXPECT_EQ(fault_of([](auto& o) { o.reserve_bytes = ~std::uint64_t{0}; }),
            "reserve_bytes is 18446744073709551615 bytes: it must be between 0 and 1073741824");
}

TEST(disk_log_options, no_log_is_opened_with_them) {
  log_lab machine;
  try {
    static_cast<void>(machine.start({.segment_bytes = 0}));
    FAIL() << "it was opened";
  } catch (const std::invalid_argument& broken) {
    EXPECT_STREQ(broken.what(), "disk_log: segment_bytes is 0 bytes: it must be between 1 and 4294967296");
  }
}

}  // namespace
}  // namespace wavetank::batch_tests::disk_log_options_test

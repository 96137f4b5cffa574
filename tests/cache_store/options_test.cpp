// Options of a cache that are out of range: refused before anything is touched, with what would be right.
#include <wavetank/tests/cache_store/real_store.h>

#include <chrono>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace wavetank::cache_store_tests::options_test {
namespace {

using std::chrono::nanoseconds;

std::string refusal_of(const prefix_cache_options& options) {
  real_store store;
  const auto cache = store.open(options);
  if (cache) return "taken";
  EXPECT_EQ(cache.error().problem, directory_problem::bad_option);
  EXPECT_FALSE(std::filesystem::exists(store.path())) << "something was made";
  return to_string(cache.error());
}

TEST(cache_options, a_reservation_lives_for_a_while_but_not_for_ever) {
  EXPECT_EQ(refusal_of({.table = {.reservation_ttl = nanoseconds(0)}}),
            "reservation_ttl is 0 ns: it must be between 1 ns and 24 h");
  EXPECT_EQ(refusal_of({.table = {.reservation_ttl = nanoseconds::max()}}),
            "reservation_ttl is 9223372036854775807 ns: it must be between 1 ns and 24 h");
  EXPECT_EQ(refusal_of({.table = {.reservation_ttl = nanoseconds(1)}}), "taken");
}

TEST(cache_options, sweeps_have_an_interval_or_are_the_users) {
  EXPECT_EQ(refusal_of({.sweep_interval = nanoseconds(-5)}),
            "sweep_interval is -5 ns: it must be between 1 ns and 24 h");
  EXPECT_EQ(refusal_of({.sweep_interval = std::nullopt}), "taken");
}

TEST(cache_options, two_tiers_do_not_share_a_directory) {
  const auto fault = validate({.disk_path = "/a", .ram_file_path = "/a"});
  ASSERT_FALSE(fault);
  EXPECT_EQ(to_string(fault.error()), "ram_file_path is /a: it must be another directory than disk_path");
  EXPECT_FALSE(validate({.disk_path = "/a/b/..", .ram_file_path = "/a/"}));
  EXPECT_TRUE(validate({.disk_path = "/a", .ram_file_path = "/b"}));
  EXPECT_TRUE(validate({}));
}

}  // namespace
}  // namespace wavetank::cache_store_tests::options_test

// What the words after --time and --faults mean.
#include <gtest/gtest.h>

#include <wavetank/tools/fault_list.h>
#include <wavetank/tools/time_limit.h>

namespace wavetank::tools::options_test {
namespace {

using std::chrono::milliseconds;

sim::scenario promised() {
  sim::scenario s;
  s.kills = 2;
  s.spurious_wakeups = 3;
  s.early_timers = 4;
  s.weak_failures = 5;
  s.max_steps = 600;
  return s;
}

TEST(time_limit, is_a_number_with_a_unit) {
  EXPECT_EQ(parse_time_limit("250ms"), milliseconds(250));
  EXPECT_EQ(parse_time_limit("90"), milliseconds(90'000));
  EXPECT_EQ(parse_time_limit("90s"), milliseconds(90'000));
  EXPECT_EQ(parse_time_limit("10m"), milliseconds(600'000));
  EXPECT_EQ(parse_time_limit("2h"), milliseconds(7'200'000));
}

TEST(time_limit, refuses_the_rest) {
  for (const char* text : {"", "0", "-1s", "s", "1d", "1.5h", "1s ", "18446744073709551616", "18446744073709551615h"}) {
    EXPECT_FALSE(parse_time_limit(text)) << text;
  }
}

TEST(fault_list, turns_off_what_it_does_not_name) {
  const auto s = restrict_faults("kills", promised());
  ASSERT_TRUE(s);
  EXPECT_EQ(s->kills, 2u);
  EXPECT_EQ(s->spurious_wakeups + s->early_timers + s->weak_failures, 0u);
  EXPECT_EQ(s->max_steps, 600u);
}

TEST(fault_list, replaces_a_budget_by_a_number) {
  const auto s = restrict_faults("early_timers=9,spurious", promised());
  ASSERT_TRUE(s);
  EXPECT_EQ(s->early_timers, 9u);
  EXPECT_EQ(s->spurious_wakeups, 3u);
  EXPECT_EQ(s->kills, 0u);
}

TEST(fault_list, can_be_none) {
  const auto s = restrict_faults("none", promised());
  ASSERT_TRUE(s);
  EXPECT_EQ(s->kills + s->spurious_wakeups + s->early_timers + s->weak_failures, 0u);
}

TEST(fault_list, refuses_the_rest) {
  for (const char* text : {"", ",", "kills,", "kill", "kills=", "kills=x", "kills=-1", "none,kills", "kills=1=2"}) {
    EXPECT_FALSE(restrict_faults(text, promised())) << text;
  }
}

}  // namespace
}  // namespace wavetank::tools::options_test

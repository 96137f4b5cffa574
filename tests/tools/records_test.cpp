// Records of campaigns: what they are blamed for, how they merge, what is written of them.
#include <sstream>

#include <gtest/gtest.h>

#include <wavetank/tools/junit_report.h>
#include <wavetank/tools/merge_records.h>
#include <wavetank/tools/result_json.h>
#include <wavetank/tools/result_table.h>

namespace wavetank::tools::records_test {
namespace {

property_record sampled(std::uint64_t schedules, std::uint64_t times_reached) {
  property_record p;
  p.name = "component.aspect";
  p.strategy = "mix";
  p.schedules = schedules;
  p.reached = {{"a death", times_reached}, {"a time-out", 1}};
  return p;
}

campaign_record of(property_record p, std::uint64_t seed = 1) { return {"1.0", seed, false, {std::move(p)}}; }

TEST(coverage, that_a_long_campaign_misses_is_named) {
  EXPECT_EQ(missed_coverage(sampled(20'000, 0)), "never reached in 20000 schedules: 'a death'");
  EXPECT_EQ(missed_coverage(sampled(20'000, 1)), std::nullopt);
}

TEST(coverage, is_not_expected_of_a_short_campaign) { EXPECT_EQ(missed_coverage(sampled(19'999, 0)), std::nullopt); }

TEST(coverage, is_expected_of_a_search_once_it_is_exhausted) {
  auto p = sampled(100'000, 0);
  p.strategy = "exhaustive";
  EXPECT_EQ(missed_coverage(p), std::nullopt);
  p.schedules = 10;
  p.exhausted = true;
  EXPECT_TRUE(missed_coverage(p));
}

TEST(coverage, in_short_counts_what_was_reached) {
  EXPECT_EQ(reached_in_short(sampled(1, 0)), "1/2");
  EXPECT_EQ(reached_in_short({}), "-");
}

TEST(merged_shards, are_judged_together_for_what_they_reached) {
  const auto missing = merge_records(std::vector{of(sampled(10'000, 0)), of(sampled(10'000, 0))});
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->properties[0].verdict, "not_reached");
  const auto present = merge_records(std::vector{of(sampled(10'000, 0)), of(sampled(10'000, 2))});
  ASSERT_TRUE(present);
  EXPECT_TRUE(present->properties[0].passed());
  EXPECT_EQ(present->properties[0].schedules, 20'000u);
  EXPECT_EQ(present->properties[0].reached.at("a death"), 2u);
}

TEST(merged_shards, keep_the_earliest_failure) {
  auto late = sampled(10, 1);
  late.verdict = "deadlock";
  late.found_after = 9;
  auto early = sampled(10, 1);
  early.verdict = "assertion";
  early.found_after = 4;
  const auto merged = merge_records(std::vector{of(sampled(10, 1)), of(late), of(early)});
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->properties[0].verdict, "assertion");
  EXPECT_EQ(merged->failed(), 1u);
}

TEST(merged_shards, are_of_one_seed) {
  const auto merged = merge_records(std::vector{of(sampled(1, 1), 1), of(sampled(1, 1), 2)});
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().index, 1u);
}

TEST(json_result, is_read_back_as_it_was) {
  auto p = sampled(5, 0);
  p.verdict = "deadlock";
  p.message = "A waits for B\nand \"B\" for A";
  p.found_after = 5;
  p.story = "line\n";
  p.warnings = {"w"};
  p.seconds = 0.5;
  const std::string text = to_json(of(p));
  const auto read = parse_result_json(text);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->properties[0].found_after, 5u);
}

TEST(json_result, survives_bytes_that_are_no_text) {
  auto p = sampled(5, 0);
  p.message = "\xFF\xFE";
  EXPECT_TRUE(parse_result_json(to_json(of(p))));
}

TEST(json_result, that_is_none_is_refused_by_line) {
  for (const char* text : {"", "[]", "{", "{\"wavetank\": 1}", "null"}) {
    EXPECT_FALSE(parse_result_json(text)) << text;
  }
  EXPECT_EQ(parse_result_json("{\n\n!").error().substr(0, 2), "3:");
}

TEST(junit_report, escapes_what_xml_means_something_by) {
  auto p = sampled(5, 0);
  p.verdict = "assertion";
  p.message = "a < b && \"c\"\x01";
  const std::string xml = to_junit(of(p));
  EXPECT_NE(xml.find("message=\"a &lt; b &amp;&amp; &quot;c&quot;?\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("classname=\"component\" name=\"aspect\""), std::string::npos) << xml;
}

TEST(result_table, says_what_failed_and_how_to_replay_it) {
  auto p = sampled(1'234'567, 1);
  p.verdict = "deadlock";
  p.trace = "t/x.trace";
  std::ostringstream out;
  print_result(out, of(p));
  for (const char* part : {"1 234 567", "2/2", "deadlock", "FAILED  component.aspect", "wavetank replay t/x.trace"}) {
    EXPECT_NE(out.str().find(part), std::string::npos) << part << "\n" << out.str();
  }
}

}  // namespace
}  // namespace wavetank::tools::records_test

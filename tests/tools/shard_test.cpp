#include <wavetank/tools/shard.h>

#include <map>

#include <gtest/gtest.h>

namespace wavetank::tools::shard_test {
namespace {

tl::expected<shard, std::string> in_environment(const std::map<std::string, std::string>& variables) {
  return shard_of_environment([&](const char* name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  });
}

TEST(shard, is_the_whole_where_nothing_says_otherwise) { EXPECT_EQ(in_environment({}), (shard{0, 1})); }

TEST(shard, of_a_slurm_array_counts_from_its_lowest_index) {
  EXPECT_EQ(
      in_environment({{"SLURM_ARRAY_TASK_ID", "5"}, {"SLURM_ARRAY_TASK_COUNT", "4"}, {"SLURM_ARRAY_TASK_MIN", "3"}}),
      (shard{2, 4}));
}

TEST(shard, of_bazel_is_googletests) {
  EXPECT_EQ(in_environment({{"GTEST_SHARD_INDEX", "1"}, {"GTEST_TOTAL_SHARDS", "2"}}), (shard{1, 2}));
}

TEST(shard, of_kubernetes_needs_to_be_told_the_count) {
  EXPECT_EQ(in_environment({{"JOB_COMPLETION_INDEX", "7"}, {"WAVETANK_SHARDS", "8"}}), (shard{7, 8}));
  EXPECT_FALSE(in_environment({{"JOB_COMPLETION_INDEX", "7"}}));
}

TEST(shard, outside_of_its_count_is_refused) {
  EXPECT_FALSE(in_environment({{"GTEST_SHARD_INDEX", "2"}, {"GTEST_TOTAL_SHARDS", "2"}}));
  for (const char* text : {"", "1", "1/", "/2", "2/2", "-1/2", "0/0", "a/b", "0/1 ", "0/4294967296"}) {
    EXPECT_FALSE(parse_shard(text)) << text;
  }
  EXPECT_EQ(parse_shard("3/4"), (shard{3, 4}));
}

}  // namespace
}  // namespace wavetank::tools::shard_test

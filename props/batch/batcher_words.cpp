#include <wavetank/props/batch/batcher_program.h>

namespace wavetank::props {

vocabulary batcher_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps,
                         std::uint32_t most_commits) {
  constexpr auto number = operand_kind::number;
  const operand kind{"kind", number, 0, 2, 0};
  const operand count{"count", number, 1, 4, 1};
  const operand poison{"poison", number, 0, 1, 0};
  const operand within{"within", number, 0, 1'000, 0, 4};
  vocabulary words;
  words.settings = {
      {"max_items", number, 2, 8, 4}, {"failing_commit", number, 0, 4, 0},
      {"failure", number, 0, 1, 0},                                   // nothing happened, or unknown
      {"end", number, 0, 1, 0},                                       // stopped, or destroyed as it is
      {"anonymous", number, 0, 1, 0}, {"max_work", number, 0, 6, 0},  // 0: no limit
      {"adaptive", number, 0, 1, 0},
  };
  if (most_commits > 1) words.settings.push_back({"commits", number, 1, most_commits, 1});
  words.verbs = {
      {"write", false, 4, {{"window", number, 0, 10'000, 0, 4}, poison}},
      {"batch", false, 6, {kind, count, poison, within}},
      {"async", false, 8, {kind, count, poison, within}},
      {"flush", false, 2, {within}},
      {"sleep", false, 2, {{"ms", number, 1, 1'000, 1, 4}}},
      {"stop", false, 2, {within}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

}  // namespace wavetank::props

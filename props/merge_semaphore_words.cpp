#include <wavetank/props/merge_semaphore_program.h>

namespace wavetank::props {

vocabulary merge_semaphore_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand permit{"permit", operand_kind::reference, 1, most_results + 1};
  const operand shard{"shard", number, 0, 0xFFFF'FFFF, 0, 2};
  const operand kept{"kept", number, 0, 1, 0};
  const operand within{"within", number, 0, 1'000'000, 0, 3};
  const operand source{"stop", number, 0, 2, 0, 1};
  const operand to{"to", operand_kind::task, 0, most_branches, most_branches + 1};
  vocabulary words;
  words.settings = {{"destroy", number, 0, 1, 0}};
  words.verbs = {
      {"acquire", true, 5, {shard, kept}},
      {"acquire_until", true, 14, {shard, within, source, kept}},
      {"release", false, 7, {permit}},
      {"release_twice", false, 2, {permit}},
      {"release_by_name", false, 4, {shard}},
      {"transfer", false, 4, {permit, to}},
      {"close", false, 1, {}},
      {"stop", false, 4, {{"source", number, 1, 2, 1}}},
      {"status", false, 2, {}},
      {"waiting", false, 1, {}},
      {"valid", false, 3, {permit}},
      {"move", false, 2, {permit}},
      {"sleep", false, 2, {{"ms", number, 1, 1'000'000, 1, 3}}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

}  // namespace wavetank::props

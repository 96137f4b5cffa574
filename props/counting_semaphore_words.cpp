#include <wavetank/props/counting_semaphore_program.h>

namespace wavetank::props {

namespace {

// Above every limit that there can be, so that the refusal of such weights and limits is met.
constexpr std::uint64_t beyond_every_limit = std::uint64_t{1} << 32;

}  // namespace

vocabulary counting_semaphore_words(std::uint32_t least_branches, std::uint32_t most_branches,
                                    std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  constexpr auto reference = operand_kind::reference;
  constexpr auto task = operand_kind::task;
  const operand permit{"permit", reference, 1, most_results + 1};
  const operand weight{"weight", number, 0, beyond_every_limit, 1, 3};
  const operand kept{"kept", number, 0, 1, 0};
  const operand within{"within", number, 0, 1'000'000, 0, 3};
  const operand source{"stop", number, 0, 2, 0, 1};
  vocabulary words;
  words.settings = {{"limit", number, 1, 8, 1, 3}, {"destroy", number, 0, 1, 0}};
  words.verbs = {
      {"acquire", true, 14, {weight, within, source, kept}},
      {"try_acquire", true, 5, {weight, kept}},
      {"release", false, 8, {permit}},
      {"release_twice", false, 2, {permit}},
      {"transfer", false, 4, {permit, {"to", task, 0, most_branches, most_branches + 1}}},
      {"set_limit", false, 4, {{"limit", number, 0, beyond_every_limit, 1, 4}}},
      {"close", false, 1, {}},
      {"stop", false, 4, {{"source", number, 1, 2, 1}}},
      {"current", false, 3, {}},
      {"limit", false, 1, {}},
      {"waiting", false, 1, {}},
      {"holders", false, 1, {}},
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

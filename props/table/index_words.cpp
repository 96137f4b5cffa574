#include <wavetank/props/table/index_words.h>

#include <wavetank/props/program/program.h>

namespace wavetank::props {

vocabulary index_words() {
  constexpr auto number = operand_kind::number;
  const operand key{"key", number, 1, index_keys, 1};
  const operand age{"age", number, 0, 1'000, 0, 5};
  vocabulary words;
  words.settings = {{"memory", number, 0, 1'000, 0, 60}, {"disk", number, 0, 1'000, 0, 60}};
  words.verbs = {
      {"save", false, 12, {key, age, {"unreserved", number, 0, 1, 0}}},
      {"put", false, 6, {key, age}},
      {"checkout", true, 10, {key}},
      {"checkin", false, 8, {{"claim", operand_kind::reference, 1, most_results + 1}}},
      {"lookup", false, 4, {key}},
      {"evict_bytes", false, 6, {{"target", number, 0, 1'000, 1, 60}, {"tiers", number, 1, 7, 7}}},
      {"gc", false, 1, {}},
      {"retry", false, 4, {}},
      {"bytes", false, 3, {}},
      {"sleep", false, 6, {{"s", number, 1, 1'000, 1, 3}}},
      {"jump_back", false, 2, {{"s", number, 1, 1'000, 1, 3}}},
      {"fail", false, 4, {key}},
  };
  words.most_generated_steps = 10;
  return words;
}

}  // namespace wavetank::props

#include <wavetank/props/table/table_words.h>

#include <wavetank/props/program/program.h>

namespace wavetank::props {

vocabulary table_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  constexpr auto reference = operand_kind::reference;
  const operand key{"key", number, 1, table_keys, 1};
  const operand token{"token", reference, 1, most_results + 1};
  const operand claim{"claim", reference, 1, most_results + 1};
  vocabulary words;
  words.verbs = {
      {"save", true, 14, {key, {"until", number, 0, 2, 0}, {"bad", number, 0, 1, 0}}},
      {"reserve", true, 8, {key}},
      {"check", false, 3, {token}},
      {"link", false, 5, {token, {"bad", number, 0, 1, 0}}},
      {"mark", false, 5, {token}},
      {"announce", false, 5, {token}},
      {"cancel", false, 4, {token}},
      {"abandon", false, 4, {token}},
      {"put", false, 3, {key}},
      {"checkout", true, 8, {key, {"kept", number, 0, 1, 0}}},
      {"checkin", false, 4, {claim}},
      {"corrupt", false, 3, {claim}},
      {"lookup", false, 4, {key}},
      {"wait", false, 6, {key, {"within", number, 0, 1'000'000, 0, 4}}},
      {"evict", false, 6, {key}},
      {"gc", false, 1, {}},
      {"sweep", false, 4, {}},
      {"sleep", false, 6, {{"s", number, 20, 1'000, 60, 70}}},
      {"fail", false, 4, {key}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

}  // namespace wavetank::props

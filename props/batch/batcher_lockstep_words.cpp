#include <wavetank/props/batch/batcher_lockstep.h>

namespace wavetank::props {

vocabulary batcher_lockstep_words() {
  constexpr auto number = operand_kind::number;
  const operand waits{"waits", number, 0, 1, 0};
  const operand poison{"poison", number, 0, 1, 0};
  const operand within{"within", number, 0, 1'000, 0, 8};
  const operand bytes{"bytes", number, 1, 5, 1};  // of the first command
  vocabulary words;
  words.settings = {
      {"max_items", number, 2, 6, 4},
      {"pending", number, 1, 4, 4},  // times as many
      {"takes", number, 0, 9, 3},
      {"anonymous", number, 0, 1, 0},
      {"end", number, 0, 1, 0},  // stopped, or destroyed as it is
      {"generic_window", number, 0, 8, 0},
      {"put_window", number, 0, 8, 1},
      {"max_bytes", number, 0, 9, 0},      // 0: no limit of a slot, nor of all
      {"pending_bytes", number, 1, 4, 4},  // times as many
      {"max_work", number, 0, 6, 0},       // 0: no limit
  };
  words.verbs = {
      // A window of 0 is the configured one, else one more than the milliseconds.
      {"write", false, 8, {{"prefix", number, 0, 2, 0}, {"window", number, 0, 11, 0}, waits, poison, within, bytes}},
      {"batch", false, 18, {{"kind", number, 0, 2, 0}, {"count", number, 1, 7, 1, 3}, waits, poison, within, bytes}},
      {"flush", false, 3, {within}},
      {"stop", false, 2, {within}},
      {"pass", false, 4, {{"ms", number, 1, 100, 1, 6}}},
      {"window", false, 3, {{"prefix", number, 0, 3, 0}, {"ms", number, 0, 12'000, 1, 12}}},
      {"plan", false, 6, {{"call", number, 1, 4, 1}, {"how", number, 0, 2, 0}}},
  };
  words.least_branches = 0;
  words.most_branches = 3;
  words.most_generated_steps = 8;
  return words;
}

}  // namespace wavetank::props

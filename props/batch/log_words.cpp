#include <wavetank/props/batch/log_program.h>
#include <wavetank/props/disk_kind.h>

namespace wavetank::props {

vocabulary log_words(std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  vocabulary words;
  words.settings = {
      {"mode", number, 0, 2, 1},           // posix, linux, journal
      {"tiny_segments", number, 0, 1, 0},  // a segment a batch or two
      {"power_cuts", number, 0, 2, 0},
      {"kills", number, 0, 1, 0},
      {"faults", number, 0, most_log_faults, 0},
      {"unsynced", number, 1, 3, 1},           // batches that one writer writes before it syncs
      {"writers", number, 1, 3, 1},            // tasks that share the log
      {"reserve", number, 0, 1, 0},            // zeros ahead, over a sector or two
      {"discards", number, 0, 1, 0},           // old segments, after each sync
      {"disk", number, 0, most_disk_kind, 0},  // see disk_kind.h
  };
  words.verbs = {
      {"append", false, 1, {{"items", number, 1, 4, 1}, {"bytes", number, 0, 600, 0, 20}}},
  };
  words.most_generated_steps = most_steps;
  return words;
}

}  // namespace wavetank::props

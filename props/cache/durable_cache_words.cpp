#include <wavetank/props/cache/durable_cache_words.h>
#include <wavetank/props/cache/fault_setting.h>
#include <wavetank/props/disk_kind.h>

namespace wavetank::props {

vocabulary durable_cache_words(std::uint32_t least_branches, std::uint32_t most_branches, std::uint32_t most_steps) {
  constexpr auto number = operand_kind::number;
  const operand key{"key", number, 1, 3, 1};
  vocabulary words;
  words.settings = {
      {"mode", number, 0, 2, 0},                    // linux_like, posix, journal
      {"deaths", number, 0, 3, 0},                  // of the process or by power cuts, recovery included
      {"fault", number, 0, most_fault_setting, 0},  // see fault_setting.h
      {"rename", number, 0, 1, 0},                  // a file system without hard links
      {"kills_first", number, 0, 1, 0},             // 1: deaths are of the process alone; 2: the first is, then power
      {"rivals", number, 0, 1, 0},                  // processes that want the directory beside the first
      {"litter", number, 0, 0, 0},                  // a start meets a damaged file, and a dead writer's
      {"disk", number, 0, most_disk_kind, 0},       // see disk_kind.h
      {"sweeper", number, 0, 1, 0},                 // 1: the cache sweeps by itself
  };
  words.verbs = {
      {"save", false, 12, {key, {"content", number, 1, 3, 1}}},
      {"load", false, 6, {key}},
      {"evict", false, 3, {key}},
      {"gc", false, 1, {}},
      {"sweep", false, 2, {}},
      {"sleep", false, 2, {{"s", number, 1, 1'000, 1, 100}}},
  };
  words.least_branches = least_branches;
  words.most_branches = most_branches;
  words.most_generated_steps = most_steps;
  return words;
}

}  // namespace wavetank::props

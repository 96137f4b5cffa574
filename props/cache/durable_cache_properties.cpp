// A save that was acknowledged is there, byte for byte, whatever dies and whenever.
#include <wavetank/props/cache_properties.h>

#include <string>
#include <utility>

#include <wavetank/props/cache/durable_cache_run.h>
#include <wavetank/props/cache/durable_cache_words.h>
#include <wavetank/props/cache/fault_setting.h>
#include <wavetank/props/program/program_property.h>

namespace wavetank::props {

namespace {

sim::scenario calm_scheduler() {
  sim::scenario budget;
  budget.max_steps = 200'000;
  return budget;
}

/// With a file system that refuses a change now and then, so that a directory cannot be locked.
vocabulary rivals_words() {
  using setting = durable_cache_setting;
  vocabulary words = durable_cache_words(1, 2, 3);
  const auto always = [&](setting::index which, std::uint64_t value) {
    words.settings[which].least = words.settings[which].most = words.settings[which].calm = value;
  };
  always(setting::fault, setting_of(sim::disk::fault_kind::erofs));
  always(setting::rivals, 1);
  return words;
}

/// A start that meets a damaged file and a dead writer's.
std::unique_ptr<const sim::property> start_over_litter(std::string name, std::string summary, std::string settings,
                                                       std::vector<std::string> must_reach = {}) {
  vocabulary words = durable_cache_words(0, 0, 1);
  words.settings[durable_cache_setting::litter].most = 1;
  words.settings[durable_cache_setting::kills_first].most = 2;
  return std::make_unique<program_property>(program_property_parts{"cache.save." + std::move(name),
                                                                   std::move(summary),
                                                                   std::move(words),
                                                                   run_durable_cache,
                                                                   calm_scheduler(),
                                                                   std::move(must_reach),
                                                                   {"with " + std::move(settings) + " litter=1"}});
}

std::unique_ptr<const sim::property> scope(std::string name, std::string summary, std::vector<std::string> commands) {
  return std::make_unique<program_property>(program_property_parts{"cache.save." + std::move(name),
                                                                   std::move(summary),
                                                                   durable_cache_words(0, 2, 4),
                                                                   run_durable_cache,
                                                                   calm_scheduler(),
                                                                   {},
                                                                   std::move(commands)});
}

}  // namespace

std::vector<std::unique_ptr<const sim::property>> durable_cache_catalogue() {
  std::vector<std::unique_ptr<const sim::property>> all;
  all.push_back(std::make_unique<program_property>(program_property_parts{
      "cache.save.durable",
      "saves, loads and evictions side by side, with deaths, power cuts and disk faults: acknowledged means there",
      durable_cache_words(1, 3, 4),
      run_durable_cache,
      calm_scheduler(),
      {"acknowledged, crashed, recovered", "the power failed", "the process was killed", "a save failed by a file call",
       "a directory lost trust", "two saves of one key met", "a damaged file was found out", "loaded",
       "a cache swept by itself"}}));
  all.push_back(std::make_unique<program_property>(program_property_parts{
      "cache.save.rivals",
      "two processes want one directory: one is refused, or takes over from a dead one, or can only read",
      rivals_words(),
      run_durable_cache,
      calm_scheduler(),
      {"acknowledged, crashed, recovered", "saved", "a second process was refused",
       "a process took over from one that was killed beside it", "a process without the lock read beside another"}}));
  for (const auto& [mode, name] : {std::pair{0, "linux"}, {1, "posix"}, {2, "journal"}}) {
    const std::string settings = (mode == 0 ? std::string("with") : "with mode=" + std::to_string(mode));
    all.push_back(scope("crash." + std::string(name), "one save, the power cut before every call, in every crash state",
                        {settings + " deaths=1", "main save"}));
  }
  all.push_back(scope(
      "crash.again",
      "one save, killed before any call of it, and again before any call of the start that follows; then a power cut",
      {"with mode=1 deaths=2 kills_first=1", "main save"}));
  all.push_back(
      scope("crash.rename", "the same on a file system without hard links", {"with deaths=1 rename=1", "main save"}));
  all.push_back(start_over_litter(
      "crash.scan",
      "a start over what a bad disk and a dead writer left, killed or the power cut before any call of it",
      "mode=1 deaths=1"));
  all.push_back(start_over_litter(
      "crash.scan.again", "the same, killed before any call, and the power cut before any of the next start",
      "mode=2 deaths=2 kills_first=2",
      {"a scan was cut short by a death", "a scan was cut short by a loss of power",
       "a scan was cut short after another", "a whole scan came after one that was cut short",
       "a damaged file was set aside after a scan was cut short"}));
  all.push_back(scope("fault", "one save, any one of its calls failing in every way that a call can fail",
                      {"with fault=" + std::to_string(any_failure_setting), "main save"}));
  all.push_back(scope("fault.silent",
                      "one save, any one of its calls or of the next starts met by a disk that lies or decays",
                      {"with fault=" + std::to_string(any_silent_setting), "main save"}));
  return all;
}

}  // namespace wavetank::props

#include <wavetank/tools/verify_command.h>

#include <fnmatch.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <wavetank/props/catalogue.h>
#include <wavetank/sim/campaign.h>
#include <wavetank/tools/demo/demonstration.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/fault_list.h>
#include <wavetank/tools/interesting_run.h>
#include <wavetank/tools/junit_report.h>
#include <wavetank/tools/known_properties.h>
#include <wavetank/tools/output_file.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/result_json.h>
#include <wavetank/tools/result_table.h>
#include <wavetank/tools/stop_signal.h>
#include <wavetank/tools/time_limit.h>
#include <wavetank/tools/verification.h>

namespace wavetank::tools {

namespace {

// Random walks among which `--record` looks for a run worth keeping.
constexpr std::uint64_t runs_to_choose_from = 2'000;

struct verify_arguments {
  std::vector<std::string> globs;
  std::string strategy;
  std::uint64_t schedules = 0;
  std::string time;
  std::uint64_t seed = 1;
  unsigned jobs = 0;
  std::string shard;
  std::string faults;
  std::string json;
  std::string junit;
  std::string traces = "wavetank-traces";
  std::string record;
  bool demo = false;
};

using properties = std::vector<const sim::property*>;

/// What any of the patterns matches; everything if there are none. A name in full also finds the demonstration's.
tl::expected<properties, std::string> chosen_properties(const std::vector<std::string>& globs) {
  const auto all = props::catalogue();
  if (globs.empty()) return properties(all.begin(), all.end());
  properties chosen;
  for (const auto& glob : globs) {
    const std::size_t before = chosen.size();
    bool matched = false;
    for (const auto* p : all) {
      if (::fnmatch(glob.c_str(), p->name().c_str(), 0) != 0) continue;
      matched = true;
      if (std::find(chosen.begin(), chosen.end(), p) == chosen.end()) chosen.push_back(p);
    }
    if (const auto* named = find_known_property(glob); !matched && named != nullptr) chosen.push_back(named);
    if (chosen.size() == before && !matched) {
      return tl::unexpected("no property matches '" + glob + "'; `wavetank list` names them");
    }
  }
  return chosen;
}

tl::expected<verification_options, std::string> options_of(const verify_arguments& given) {
  verification_options o;
  if (!given.strategy.empty()) {
    if (given.strategy != "mix") {
      if (const auto made = sim::make_strategy(given.strategy); !made) return tl::unexpected(made.error());
    }
    o.strategy = given.strategy;
  }
  if (given.schedules != 0) o.schedules = given.schedules;
  if (!given.time.empty()) {
    const auto limit = parse_time_limit(given.time);
    if (!limit) return tl::unexpected(limit.error());
    o.time_limit = *limit;
  }
  const auto part = given.shard.empty() ? shard_of_environment([](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  })
                                        : parse_shard(given.shard);
  if (!part) return tl::unexpected(part.error());
  o.part = *part;
  if (!given.faults.empty()) {
    if (const auto ok = restrict_faults(given.faults, {}); !ok) return tl::unexpected(ok.error());
    o.faults = given.faults;
  }
  for (const auto& path : {given.json, given.junit}) {
    if (path.empty()) continue;
    if (const auto ok = check_writable(path); !ok) return tl::unexpected(ok.error());
  }
  o.seed = given.seed;
  o.jobs = given.jobs != 0 ? given.jobs : std::max(std::thread::hardware_concurrency(), 1u);
  o.traces = given.traces;
  return o;
}

int record_runs(const properties& chosen, const verify_arguments& given, const std::atomic<bool>& stop) {
  std::error_code error;
  std::filesystem::create_directories(given.record, error);
  for (const auto* p : chosen) {
    const auto run = most_interesting_run(*p, given.seed, runs_to_choose_from, stop);
    if (stop.load()) return exit_interrupted;
    if (!run) {
      std::cout << p->name() << ": no run passed; `wavetank verify " << p->name() << "` says why\n";
      return exit_violation;
    }
    const auto path = std::filesystem::path(given.record) / (p->name() + ".trace");
    if (const auto ok = write_whole(path, sim::to_text(*run)); !ok) return refuse("verify", ok.error());
    std::cout << path.string() << "\n";
  }
  return exit_good;
}

int write_reports(const verify_arguments& given, const campaign_record& record, int exit_code) {
  if (!given.json.empty()) {
    if (const auto ok = write_whole(given.json, to_json(record)); !ok) return refuse("verify", ok.error());
  }
  if (!given.junit.empty()) {
    if (const auto ok = write_whole(given.junit, to_junit(record)); !ok) return refuse("verify", ok.error());
  }
  return exit_code;
}

int run_verify(const verify_arguments& given) {
  if (given.demo) return demo::demonstrate(std::cout) ? exit_good : exit_violation;
  const auto chosen = chosen_properties(given.globs);
  if (!chosen) return refuse("verify", chosen.error());
  auto options = options_of(given);
  if (!options) return refuse("verify", options.error());
  const auto& stop = stop_on_signals();
  if (!given.record.empty()) return record_runs(*chosen, given, stop);
  options->stop = &stop;
  progress_bar progress(chosen->size(), "schedules");
  const auto record = verify(*chosen, *options, progress);
  progress.clear();
  if (!record) return refuse("verify", record.error());
  print_result(std::cout, *record);
  const int exit_code = record->failed() != 0 ? exit_violation : (record->interrupted ? exit_interrupted : exit_good);
  return write_reports(given, *record, exit_code);
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<verify_arguments>();
  auto* verify = app.add_subcommand("verify", "explore properties: 0 all hold, 1 a violation, 130 interrupted");
  verify->add_option("GLOB", given->globs, "properties, by name or pattern (default: all)");
  verify->add_option("--strategy", given->strategy,
                     "mix, random, pct(D), exhaustive (default: exhaustive for bounded properties, else mix)");
  auto* schedules =
      verify->add_option("--schedules", given->schedules, "schedules a property")->check(CLI::PositiveNumber);
  verify->add_option("--time", given->time, "time for all properties together: 90s, 10m, 2h")->excludes(schedules);
  verify->add_option("--seed", given->seed, "of everything random")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verify->add_option("--jobs", given->jobs, "schedules side by side (default: hardware threads)")
      ->check(CLI::Range(1u, 1024u));
  verify->add_option("--shard", given->shard,
                     "part I of N as I/N, I from 0 (default: from SLURM_ARRAY_TASK_ID, GTEST_SHARD_INDEX, or "
                     "JOB_COMPLETION_INDEX with WAVETANK_SHARDS)");
  verify->add_option("--faults", given->faults,
                     "only these: none, or kills, spurious, early_timers, weak_failures, each with =N at will");
  verify->add_option("--json", given->json, "write the result to this file");
  verify->add_option("--junit", given->junit, "write the result as JUnit XML to this file");
  verify->add_option("--traces", given->traces, "directory for the traces of failures")->capture_default_str();
  verify->add_option("--record", given->record,
                     "explore nothing: keep one passing run with faults of each property in this directory");
  verify->add_flag("--demo", given->demo, "show a planted bug found, shrunk, explained and replayed");
  verify->callback([given, &exit_code] { exit_code = run_verify(*given); });
}

}  // namespace wavetank::tools

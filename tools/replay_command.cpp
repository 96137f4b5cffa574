#include <wavetank/tools/replay_command.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <wavetank/sim/campaign.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/trace_file.h>

namespace wavetank::tools {

namespace {

struct replay_arguments {
  std::vector<std::string> files;
  bool tolerant = false;
  bool quiet = false;
};

std::string in_words(const sim::verdict& v) {
  return std::string(to_string(v.kind)) + (v.message.empty() ? "" : ": " + v.message);
}

int replay_one(const std::string& file, const replay_arguments& given) {
  const auto loaded = load_trace(file, given.tolerant);
  if (!loaded) return refuse("replay", loaded.error());
  const sim::trace& recorded = loaded->recorded;
  const sim::reproduction again = sim::replay(*loaded->of, recorded, loaded->what, given.tolerant);
  const sim::verdict& now = again.result.what;
  if (now.kind == recorded.expected.kind) {
    std::cout << file << ": as recorded: " << in_words(now) << "\n";
    if (!given.quiet) std::cout << again.told;
    return exit_good;
  }
  if (!given.quiet) std::cout << again.told;
  if (now.kind == sim::verdict_kind::diverged) {
    std::cout << file << ": diverged: " << now.message << "\n"
              << "  the program is no longer the recorded one; --tolerant follows the labels instead\n";
    return exit_diverged;
  }
  std::cout << file << ": another outcome: " << in_words(now) << "\n  recorded: " << in_words(recorded.expected)
            << "\n";
  return exit_violation;
}

/// Bad input outweighs all, then divergence, then another outcome.
int worse(int a, int b) {
  if (a == exit_bad_input || b == exit_bad_input) return exit_bad_input;
  return std::max(a, b);
}

/// The traces that a directory holds, ordered by name; a file is itself.
std::vector<std::string> traces_in(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".trace") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int run_replay(const replay_arguments& given) {
  int worst = exit_good;
  for (const auto& path : given.files) {
    const auto files = traces_in(path);
    if (files.empty()) return refuse("replay", path + " holds no files that end in .trace; name one that does");
    for (const auto& file : files) worst = worse(worst, replay_one(file, given));
  }
  return worst;
}

}  // namespace

void add_replay_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<replay_arguments>();
  auto* replay = app.add_subcommand("replay", "run traces again: 0 as recorded, 1 other outcome, 3 diverged");
  replay->add_option("FILE", given->files, "traces, as verify writes them, or directories of them")->required();
  replay->add_flag("--tolerant", given->tolerant,
                   "follow the labels of decisions where the program has changed; also reads edited traces");
  replay->add_flag("--quiet", given->quiet, "one line a trace, without the story");
  replay->callback([given, &exit_code] { exit_code = run_replay(*given); });
}

}  // namespace wavetank::tools

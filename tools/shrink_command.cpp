#include <wavetank/tools/shrink_command.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <wavetank/sim/campaign.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/output_file.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/trace_file.h>

namespace wavetank::tools {

namespace {

struct shrink_arguments {
  std::string file;
  std::string output;
  std::uint64_t runs = 20'000;
};

std::string default_output(const std::string& file) {
  const std::string ending = ".trace";
  const bool ends =
      file.size() > ending.size() && file.compare(file.size() - ending.size(), ending.size(), ending) == 0;
  return (ends ? file.substr(0, file.size() - ending.size()) : file) + ".small" + ending;
}

int run_shrink(shrink_arguments given) {
  if (given.output.empty()) given.output = default_output(given.file);
  if (const auto ok = check_writable(given.output); !ok) return refuse("shrink", ok.error());
  const auto loaded = load_trace(given.file, true);
  if (!loaded) return refuse("shrink", loaded.error());
  sim::shrink_result small;
  sim::on_world_thread([&] {
    sim::scheduler s;
    sim::tolerant_replay answers(sim::as_labelled(loaded->recorded.decisions));
    auto failing = sim::tell(s, loaded->what, loaded->recorded.bounds, answers);
    if (failing.result.what.failed()) {
      small = sim::shrink(s, std::move(failing), given.runs);
    } else {
      small.smallest = std::move(failing);
    }
  });
  const sim::verdict& ending = small.smallest.result.what;
  if (!ending.failed()) {
    std::cout << given.file << ": passes; there is nothing to shrink\n";
    return exit_violation;
  }
  const sim::trace& before = loaded->recorded;
  const auto after = sim::make_trace(small.smallest, before.property, before.seed, before.strategy);
  if (const auto ok = write_whole(given.output, sim::to_text(after)); !ok) return refuse("shrink", ok.error());
  std::cout << given.file << ": " << before.commands.size() << " commands, " << before.decisions.size()
            << " decisions\n"
            << given.output << ": " << after.commands.size() << " commands, " << after.decisions.size()
            << " decisions, " << small.smallest.deviations() << " of them not calm, after " << small.runs << " runs\n\n"
            << to_string(ending.kind) << ": " << ending.message << "\n"
            << small.smallest.told;
  return exit_good;
}

}  // namespace

void add_shrink_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<shrink_arguments>();
  auto* shrink = app.add_subcommand("shrink", "make a failing trace smaller; also reads edited traces");
  shrink->add_option("FILE", given->file, "a trace that fails")->required();
  shrink->add_option("-o,--output", given->output, "where to write it (default: FILE with .small before .trace)");
  shrink->add_option("--runs", given->runs, "executions at most")->check(CLI::PositiveNumber)->capture_default_str();
  shrink->callback([given, &exit_code] { exit_code = run_shrink(*given); });
}

}  // namespace wavetank::tools

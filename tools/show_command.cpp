#include <wavetank/tools/show_command.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>

#include <wavetank/sim/campaign.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/trace_file.h>

namespace wavetank::tools {

namespace {

int run_show(const std::string& file) {
  const auto loaded = load_trace(file);
  if (!loaded) return refuse("show", loaded.error());
  const sim::trace& t = loaded->recorded;
  std::cout << "property  " << t.property << "\n"
            << "          " << loaded->of->summary() << "\n"
            << "strategy  " << t.strategy << ", seed " << t.seed << "\n"
            << "scenario  " << to_string(t.bounds) << "\n";
  for (const auto& command : t.commands) std::cout << "command   " << command << "\n";
  const sim::reproduction again = sim::replay(*loaded->of, t, loaded->what, false);
  const bool diverged = again.result.what.kind == sim::verdict_kind::diverged;
  const sim::verdict& ending = diverged ? again.result.what : t.expected;
  std::cout << "outcome   " << to_string(ending.kind) << (ending.message.empty() ? "" : ": ") << ending.message
            << "\n\n"
            << again.told;
  return diverged ? exit_diverged : exit_good;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
  const auto file = std::make_shared<std::string>();
  auto* show = app.add_subcommand("show", "tell what happens in a trace");
  show->add_option("FILE", *file, "a trace")->required();
  show->add_flag_function(
      "--text", [](std::int64_t) {}, "as text (the default)");
  show->callback([file, &exit_code] { exit_code = run_show(*file); });
}

}  // namespace wavetank::tools

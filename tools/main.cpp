// The `wavetank` command.
#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include <wavetank/tools/cache_command.h>
#include <wavetank/tools/exit_codes.h>
#include <wavetank/tools/lin_command.h>
#include <wavetank/tools/list_command.h>
#include <wavetank/tools/merge_command.h>
#include <wavetank/tools/model_command.h>
#include <wavetank/tools/refuse.h>
#include <wavetank/tools/replay_command.h>
#include <wavetank/tools/show_command.h>
#include <wavetank/tools/shrink_command.h>
#include <wavetank/tools/verify_command.h>
#include <wavetank/tools/version.h>

namespace {

using namespace wavetank::tools;

int run(int argc, char** argv) {
  CLI::App app("wavetank: concurrent components under every schedule, fault and death, and what they then do wrong",
               "wavetank");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("wavetank ") + version);
  int exit_code = exit_good;
  add_list_command(app, exit_code);
  add_verify_command(app, exit_code);
  add_replay_command(app, exit_code);
  add_shrink_command(app, exit_code);
  add_show_command(app, exit_code);
  add_model_command(app, exit_code);
  add_lin_command(app, exit_code);
  add_merge_command(app, exit_code);
  add_cache_command(app, exit_code);
  // Left to CLI11, a misspelt command is only said to be missing.
  const auto named = [&](CLI::App* command) { return command->check_name(argv[1]); };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(named).empty()) {
    return refuse(argv[1], "there is no such command; `wavetank --help` lists them");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(e);
    const auto chosen = app.get_subcommands();
    const std::string name = chosen.empty() ? "" : chosen.front()->get_name();
    return refuse(name.empty() ? "COMMAND" : name,
                  std::string(e.what()) + "; see `wavetank " + (name.empty() ? "" : name + " ") + "--help`");
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    return refuse("COMMAND", std::string("stopped by an unexpected error: ") + e.what());
  }
}

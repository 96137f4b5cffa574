// `wavetank list`: what there is to run.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `list`.
void add_list_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

// `wavetank verify`: the main job. Explores properties and reports what holds and what does not.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `verify`; `exit_code` becomes 0 if all held, 1 on a violation, 2 for bad input, 130 if a signal
/// ended it first.
void add_verify_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

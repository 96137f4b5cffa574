// `wavetank lin MODEL FILE`: is this history file linearizable?
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `lin`; when it is chosen, `exit_code` becomes 0 linearizable, 1 not, 2 bad input, 3 undecided.
void add_lin_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

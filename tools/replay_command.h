// `wavetank replay FILE...`: traces run again.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `replay`; `exit_code` becomes 0 if every trace went as recorded, 1 if one had another outcome, 3
/// if one diverged (the worst counts), 2 for bad input.
void add_replay_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

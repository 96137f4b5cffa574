// `wavetank merge FILE.json...`: one result from many shards.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `merge`; `exit_code` becomes 0 if all held, 1 on a violation, 2 for bad input.
void add_merge_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

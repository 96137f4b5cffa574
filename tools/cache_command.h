// `wavetank cache DIRECTORY`: what a cache directory holds, and whether it is sound.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `cache`; when it is chosen, `exit_code` becomes 0 if nothing is damaged, 1 if something is or
/// was until it was repaired, 2 for bad input.
void add_cache_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

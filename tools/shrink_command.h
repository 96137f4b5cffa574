// `wavetank shrink FILE`: a failing trace made smaller.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `shrink`; `exit_code` becomes 0 if a trace that fails in the same way was written, 1 if the
/// trace does not fail (any more), 2 for bad input.
void add_shrink_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

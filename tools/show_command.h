// `wavetank show FILE`: the story of a trace.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `show`; `exit_code` becomes 0 if the story is that of the trace, 3 if its replay diverged (the
/// story goes that far), 2 for bad input.
void add_show_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

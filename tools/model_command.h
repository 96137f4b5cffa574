// `wavetank model NAME`: the exhaustive check of a model.
#pragma once

#include <CLI/CLI.hpp>

namespace wavetank::tools {

/// Adds the subcommand `model`; when it is chosen, `exit_code` becomes 0 if every property holds in the whole scope, 1
/// if one is violated, 2 for bad input, 3 if the budget ended first.
void add_model_command(CLI::App& app, int& exit_code);

}  // namespace wavetank::tools

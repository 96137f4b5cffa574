// `--faults LIST`: which faults executions may draw.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include <wavetank/sim/scenario.h>

namespace wavetank::tools {

/// `none`, or names with commas between, each with a number at will: `kills,early_timers=3`. A name keeps what the
/// property promises to survive, a number replaces it, and what is not named does not happen.
tl::expected<sim::scenario, std::string> restrict_faults(std::string_view list, const sim::scenario& promised);

}  // namespace wavetank::tools

// Every property that the command can run: the catalogue, and the demonstration's.
#pragma once

#include <string_view>

#include <wavetank/sim/property.h>

namespace wavetank::tools {

/// The property of this name, or nullptr. The demonstration's property is found here, but is in no list: it fails.
const sim::property* find_known_property(std::string_view name);

}  // namespace wavetank::tools

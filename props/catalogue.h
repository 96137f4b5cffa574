// The built-in properties, by name.
#pragma once

#include <span>
#include <string_view>

#include <wavetank/sim/property.h>

namespace wavetank::props {

/// All of them, ordered by name. They live as long as the program.
std::span<const sim::property* const> catalogue();

/// The one of this name, or nullptr.
const sim::property* find_property(std::string_view name);

}  // namespace wavetank::props

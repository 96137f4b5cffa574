// The properties of the cache, for the catalogue.
#pragma once

#include <memory>
#include <vector>

#include <wavetank/sim/property.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> durable_cache_catalogue();

}  // namespace wavetank::props

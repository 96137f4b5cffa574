// The properties of buffers, as the command lists them.
#pragma once

#include <memory>
#include <vector>

#include <wavetank/sim/property.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> buffer_partition_catalogue();

}  // namespace wavetank::props

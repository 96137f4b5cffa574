// The built-in properties of the semaphores, for the catalogue.
#pragma once

#include <memory>
#include <vector>

#include <wavetank/sim/property.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> counting_semaphore_catalogue();
std::vector<std::unique_ptr<const sim::property>> merge_semaphore_catalogue();

}  // namespace wavetank::props

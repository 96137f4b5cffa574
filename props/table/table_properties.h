// The built-in properties of the reservation table, for the catalogue.
#pragma once

#include <memory>
#include <vector>

#include <wavetank/sim/property.h>

namespace wavetank::props {

/// Who may save and read a key, against `model/reservation_by_key.h`.
std::vector<std::unique_ptr<const sim::property>> reservation_table_catalogue();
/// Which rows go first and what that frees, against `model/cache_index.h`.
std::vector<std::unique_ptr<const sim::property>> cache_index_catalogue();

}  // namespace wavetank::props

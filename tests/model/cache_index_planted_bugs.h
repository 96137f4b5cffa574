// Bugs that somebody might write into the index of a cache, each as a change of the specification.
#pragma once

#include <vector>

#include <wavetank/model/cache_index.h>
#include <wavetank/tests/model/planted_bugs.h>

namespace wavetank::model {

std::vector<planted_bug<cache_index>> cache_index_bugs();

}  // namespace wavetank::model

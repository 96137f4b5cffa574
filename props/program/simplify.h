// Simpler programs than a given one, the boldest first.
//
// Order: drop a branch; drop halves, quarters, ... of the prefix (delta debugging); drop a step; move a branch's head
// into the prefix, alone or with another step gone; drop two steps; keep one alone; lower values, equal ones together.
// Every candidate differs from the program.
#pragma once

#include <vector>

#include <wavetank/props/program/program.h>

namespace wavetank::props {

/// Quadratic in the number of steps for small programs; two steps at once are only tried up to `most_steps_for_pairs`.
std::vector<program> simpler_programs(const program& p, const vocabulary& words);

inline constexpr std::size_t most_steps_for_pairs = 14;

}  // namespace wavetank::props

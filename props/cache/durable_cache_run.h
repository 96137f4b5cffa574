// Runs a program of saves, loads and evictions in a process that may die on a disk that may fail, and judges what is
// left: every acknowledged save is there with its exact bytes, nothing else is, and the cache can be used again.
#pragma once

#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

void run_durable_cache(sim::world& w, const program& p);

}  // namespace wavetank::props

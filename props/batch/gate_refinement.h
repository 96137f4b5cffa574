// Programs of writers and maintenance at one shard of a gate, each of whose steps must be one of the gate's model.
#pragma once

#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

vocabulary gate_refinement_words();

void run_gate_refinement(sim::world& w, const program& p);

}  // namespace wavetank::props

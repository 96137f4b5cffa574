// Lives of a process that writes through a batcher to a log on a disk that fails, on a machine that dies.
//
// A program is what tasks write side by side. A process opens the log, checks what it replays against what was
// promised, and goes on with the program through a batcher over the log; when it dies or its log refuses, the next
// process goes on. In the end the world is calm, the power fails once more and a last process must find all that was
// promised.
#pragma once

#include <cstdint>

#include <wavetank/props/program/program.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Positions in the settings and verbs of the vocabulary.
enum class durable_batcher_setting : std::uint32_t {
  mode,
  tiny_segments,
  tiny_batches,
  power_cuts,
  kills,
  faults,
  commits,
  max_items,
  disk,
  discards,
};
enum class durable_batcher_verb : std::uint32_t { batch, async, write, flush };

/// The words, for programs of `least` to `most` tasks.
vocabulary durable_batcher_words(std::uint32_t least_branches, std::uint32_t most_branches);

void run_durable_batcher(sim::world& w, const program& p);

}  // namespace wavetank::props

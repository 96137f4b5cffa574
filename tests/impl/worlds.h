// The production worlds that the semaphores are tested on, and how a test waits for another task to wait.
#pragma once

#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/production_worlds.h>

#include <cstddef>

namespace wavetank {

using conformance::gate;
using conformance::world_names;
using worlds = conformance::production_worlds;

/// Returns once `n` callers are in the queue of `semaphore`. Lets others run meanwhile.
template <class R, class Semaphore>
void until_waiting(Semaphore& semaphore, std::size_t n) {
  while (semaphore.waiting() != n) R::relax(~0U);
}

}  // namespace wavetank

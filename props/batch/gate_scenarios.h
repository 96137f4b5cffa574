// Scenes at a sync gate: writers and maintenance side by side.
#pragma once

#include <cstdint>

#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// A writer is at work or wants to; whoever drained the gate has the data to itself, and in the end nothing is held.
/// The data is plain memory: two who are inside at once are a data race.
template <class Gate>
void writer_and_pauser(sim::world& w) {
  Gate gate{w.runtime(), 1};
  sim::runtime::shared<int> data{0};
  w.spawn("writer", [&] {
    const auto admitted = gate.enter(0);
    ++sim::runtime::write(data);
    sim::runtime::point("writes");
    ++sim::runtime::write(data);
  });
  w.spawn("pauser", [&] {
    const auto pause = gate.pause({0});
    if (!gate.await_drained(*pause)) return;
    const int before = sim::runtime::read(data);
    sim::runtime::point("works");
    sim::require(sim::runtime::read(data) == before, "a write came under a drained pause");
    reached("drained");
  });
  w.join_all();
  w.require(gate.admissions(0) == 0, "an admission has leaked");
  w.require(gate.pauses(0) == 0, "a pause has leaked");
}

/// A pauser whose handle outlives it, and somebody who waits under its pause: never told `drained` after its death.
template <class Gate>
void lost_pause(sim::world& w) {
  Gate gate{w.runtime(), 1};
  typename Gate::lease pause;
  auto inside = gate.enter(0);
  w.spawn("pauser", [&] {
    pause = std::move(*gate.pause({0}));
    w.spawn("waiter", [&] {
      const auto drained = gate.await_drained(pause);
      sim::require(!drained, "drained although a writer is inside");
      sim::require(drained.error() == gate_error::pause_lost, "a lost pause was not reported");
      reached("the pause was lost");
    });
    sim::runtime::point("holds the pause");
  });
  w.join_all();
  w.require(!pause.valid() && gate.pauses(0) == 0, "a dead task's pause goes on");
}

}  // namespace wavetank::props

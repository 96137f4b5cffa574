// Scenes at a sync gate: writers and maintenance side by side.
#pragma once

#include <cstdint>

#include <wavetank/impl/batch/sync_gate.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// A writer is at work or wants to; under a drained pause nobody is inside, and in the end nothing is held.
template <class Gate>
void writer_and_pauser(sim::world& w) {
  Gate gate{w.runtime(), 1};
  int inside = 0;
  struct visit {
    explicit visit(int& of) : count(of) { ++count; }
    ~visit() { --count; }
    int& count;
  };
  w.spawn("writer", [&] {
    const auto admitted = gate.enter(0);
    const visit mine{inside};
    sim::runtime::point("writes");
  });
  w.spawn("pauser", [&] {
    const auto pause = gate.pause({0});
    if (!gate.await_drained(*pause)) return;
    sim::require(inside == 0, "a write is in progress under a drained pause");
    sim::runtime::point("works");
    sim::require(inside == 0, "a write began under a drained pause");
    sim::scheduler::here().reached("drained");
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
      sim::scheduler::here().reached("the pause was lost");
    });
    sim::runtime::point("holds the pause");
  });
  w.join_all();
  w.require(!pause.valid() && gate.pauses(0) == 0, "a dead task's pause goes on");
}

}  // namespace wavetank::props

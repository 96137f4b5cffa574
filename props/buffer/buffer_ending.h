// How a program's use of a buffer ends, be it of one partition or of several.
#pragma once

#include <wavetank/props/buffer/buffer_words.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/world.h>

namespace wavetank::props {

/// Of itself: twice in a row nothing is seen, since the processor may push between the two looks that make a sum.
template <class Buffer>
bool comes_to_rest(sim::world& w, const Buffer& buffer) {
  int quiet = 0;
  for (int i = 0; i < enough_intervals && quiet < 2; ++i) {
    quiet = buffer.buffer_size() + buffer.in_flight_size() == 0 ? quiet + 1 : 0;
    w.runtime().sleep_until(clock_now() + buffer_interval);
  }
  return quiet == 2;
}

/// Has `stop(deadline)` called as the program's end says. False: its end is the destruction, which is the caller's.
template <class Buffer, class Stop>
bool end_by_a_stop(sim::world& w, buffer_end how, const Buffer& buffer, Stop&& stop) {
  switch (how) {
    case buffer_end::of_itself:
      w.require(comes_to_rest(w, buffer), "there is work, and no processor although nothing keeps it");
      [[fallthrough]];
    case buffer_end::stop:
      stop(Buffer::no_deadline);
      return true;
    case buffer_end::stop_at_once:
      stop(clock_now());
      return true;
    case buffer_end::destruction:
      break;
  }
  return false;
}

/// What a stop says beside what it gives back.
template <class Report>
void check_stop(const Report& report) {
  sim::require(!report.drained || report.rest.empty(), "a stop gave something back and calls it drained");
  if (report.processor_stuck) reached("a stop left a call that hangs");
  if (report.drained && report.delivered != 0) reached("a stop delivered what was left");
}

}  // namespace wavetank::props

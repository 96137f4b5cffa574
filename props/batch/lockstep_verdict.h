// How a lockstep run ends that does not follow its model: the first difference counts. Nothing is thrown, so that it
// can be said from anywhere, replies included.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <wavetank/sim/engine/scheduler.h>

namespace wavetank::props::lockstep {

inline void wrong(std::string what) {
  sim::scheduler::here().fail(sim::verdict_kind::not_linearizable, std::move(what));
}
inline void require(bool holds, std::string_view what) {
  if (!holds) wrong(std::string{what});
}

}  // namespace wavetank::props::lockstep

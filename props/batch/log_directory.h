// The directory of a log, as its user makes it.
#pragma once

#include <string>
#include <utility>

#include <wavetank/sim/assertion.h>
#include <wavetank/sim/machine.h>

namespace wavetank::props {

/// It is there and durable before the machine can fail.
inline void make_log_directory(sim::machine& on, std::string directory) {
  const auto budget = on.crashes();
  const auto faults = on.disk().faults();
  on.calm();
  sim::process maker = on.start("maker", [directory = std::move(directory)](sim::runtime&, sim::file_system& files) {
    sim::require(files.mkdir(directory) && files.fsync_directory("/"), "the directory cannot be made");
  });
  maker.wait();
  on.crashes() = budget;
  on.disk().faults() = faults;
}

}  // namespace wavetank::props

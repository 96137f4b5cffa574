// The properties of the write path, as the command lists them.
#pragma once

#include <memory>
#include <vector>

#include <wavetank/sim/property.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> batch_log_catalogue();
std::vector<std::unique_ptr<const sim::property>> batch_gate_catalogue();
std::vector<std::unique_ptr<const sim::property>> batch_batcher_catalogue();
std::vector<std::unique_ptr<const sim::property>> batch_pause_catalogue();
std::vector<std::unique_ptr<const sim::property>> batch_durable_catalogue();

}  // namespace wavetank::props

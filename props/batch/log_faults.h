// Which faults of the disk a program of the log is run with: a number in its settings.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <wavetank/sim/disk/options.h>

namespace wavetank::props {

/// What the log must survive.
inline constexpr std::array call_failures{
    sim::disk::fault_kind::eio_read,   sim::disk::fault_kind::eio_write,   sim::disk::fault_kind::eio_fsync,
    sim::disk::fault_kind::enospc,     sim::disk::fault_kind::emfile,      sim::disk::fault_kind::eintr,
    sim::disk::fault_kind::short_read, sim::disk::fault_kind::short_write, sim::disk::fault_kind::log_failure,
};

/// Two faults that meet only now and then where any two of all may strike: one of each.
inline constexpr std::array pairs_of_faults{
    std::pair{sim::disk::fault_kind::short_write, sim::disk::fault_kind::enospc},     // no room for the rest
    std::pair{sim::disk::fault_kind::short_write, sim::disk::fault_kind::eio_write},  // the rest fails
    std::pair{sim::disk::fault_kind::eio_fsync, sim::disk::fault_kind::enospc},       // no room for the next segment
    std::pair{sim::disk::fault_kind::eio_fsync, sim::disk::fault_kind::eio_read},  // recovery cannot look what is left
    std::pair{sim::disk::fault_kind::eio_fsync, sim::disk::fault_kind::log_failure},  // nor can it begin anew
};

/// 0 none, 1 one of any kind, 2 two of any kinds, then the pairs.
inline constexpr std::uint64_t most_log_faults = 2 + pairs_of_faults.size();

/// How many faults may strike in all.
constexpr std::uint32_t count_of_faults(std::uint64_t setting) noexcept {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(setting, 2));
}

constexpr sim::disk::fault_budget log_faults_of(std::uint64_t setting) noexcept {
  sim::disk::fault_budget budget;
  if (setting > 2) {
    const auto& [first, second] = pairs_of_faults[setting - 3];
    budget[first] = budget[second] = 1;
  } else {
    for (const auto kind : call_failures) budget[kind] = count_of_faults(setting);
  }
  return budget;
}

}  // namespace wavetank::props

// Which faults of the disk a program is run with: a number in its settings.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <wavetank/sim/disk/options.h>

namespace wavetank::props {

/// What a cache must survive without losing anything that it acknowledged.
inline constexpr std::array survivable_faults{
    sim::disk::fault_kind::eio_read,    sim::disk::fault_kind::eio_write,   sim::disk::fault_kind::eio_fsync,
    sim::disk::fault_kind::enospc,      sim::disk::fault_kind::edquot,      sim::disk::fault_kind::emfile,
    sim::disk::fault_kind::erofs,       sim::disk::fault_kind::eintr,       sim::disk::fault_kind::short_read,
    sim::disk::fault_kind::short_write, sim::disk::fault_kind::log_failure, sim::disk::fault_kind::delay,
    sim::disk::fault_kind::stall,
};

/// What loses bytes behind everybody's back: a cache may lose rows, but never answer with wrong bytes.
inline constexpr std::array silent_faults{
    sim::disk::fault_kind::lost_write,  sim::disk::fault_kind::misdirected_write,
    sim::disk::fault_kind::bit_rot,     sim::disk::fault_kind::latent_sector_error,
    sim::disk::fault_kind::lying_flush,
};

/// 0 none; then each survivable kind, each silent kind; then any one of the survivable failures, any one of the silent
/// faults but a bit that rots, which has thousands of ways.
inline constexpr std::uint64_t any_failure_setting = survivable_faults.size() + silent_faults.size() + 1;
inline constexpr std::uint64_t any_silent_setting = any_failure_setting + 1;
inline constexpr std::uint64_t most_fault_setting = any_silent_setting;

/// The setting of one survivable kind.
constexpr std::uint64_t setting_of(sim::disk::fault_kind kind) noexcept {
  const auto found = std::find(survivable_faults.begin(), survivable_faults.end(), kind);
  return static_cast<std::uint64_t>(found - survivable_faults.begin()) + 1;
}

constexpr bool is_silent(std::uint64_t setting) noexcept {
  return setting > survivable_faults.size() && setting != any_failure_setting;
}

/// The budget that a setting stands for: `times` of its kind.
constexpr sim::disk::fault_budget faults_of(std::uint64_t setting, std::uint32_t times) noexcept {
  sim::disk::fault_budget budget;
  if (setting == 0) return budget;
  if (setting == any_silent_setting) {
    for (const auto kind : silent_faults) budget[kind] = times;
    budget[sim::disk::fault_kind::bit_rot] = 0;
  } else if (setting == any_failure_setting) {
    // A call that takes long is no failure.
    for (const auto kind : survivable_faults) budget[kind] = times;
    budget[sim::disk::fault_kind::delay] = budget[sim::disk::fault_kind::stall] = 0;
  } else if (is_silent(setting)) {
    budget[silent_faults[setting - survivable_faults.size() - 1]] = times;
  } else {
    budget[survivable_faults[setting - 1]] = times;
  }
  return budget;
}

}  // namespace wavetank::props

// The campaigns of `wavetank verify`: which properties, in what order, how long, and what becomes of a failure.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include <wavetank/sim/property.h>
#include <wavetank/tools/campaign_record.h>
#include <wavetank/tools/progress_bar.h>
#include <wavetank/tools/shard.h>

namespace wavetank::tools {

/// Schedules of a property with generated cases, unless told otherwise.
inline constexpr std::uint64_t usual_schedules = 60'000;
/// Where an exhaustive search gives up, unless told otherwise.
inline constexpr std::uint64_t usual_exhaustive_schedules = 2'000'000;

struct verification_options {
  std::optional<std::string> strategy;  // else exhaustive where the property is bounded, `mix` elsewhere
  std::optional<std::uint64_t> schedules;
  std::chrono::milliseconds time_limit{0};  // for all properties together; zero: none
  std::uint64_t seed = 1;
  unsigned jobs = 1;
  shard part;
  std::optional<std::string> faults;  // as restrict_faults takes it, and has already accepted it
  std::filesystem::path traces = "wavetank-traces";
  const std::atomic<bool>* stop = nullptr;
};

/// Explores all of `properties`. Exhaustive searches, which have one worker each, run side by side; then each other
/// property in turn with all jobs. A search that cannot be divided belongs to one shard: the k-th to shard k mod N.
/// Failing traces are written to `traces` at once. The error says why one could not be.
tl::expected<campaign_record, std::string> verify(std::span<const sim::property* const> properties,
                                                  const verification_options& options, progress_bar& progress);

}  // namespace wavetank::tools

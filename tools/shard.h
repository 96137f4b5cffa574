// Which part of a campaign this process does, so that one outgrows a machine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace wavetank::tools {

struct shard {
  std::uint32_t index = 0;
  std::uint32_t count = 1;

  friend bool operator==(const shard&, const shard&) = default;
};

/// "I/N" with 0 <= I < N.
tl::expected<shard, std::string> parse_shard(std::string_view text);

/// The shard that the surroundings name: an array job of Slurm (SLURM_ARRAY_TASK_ID, _MIN, _COUNT, whose step must be
/// 1), GoogleTest's sharding as Bazel sets it (GTEST_SHARD_INDEX, GTEST_TOTAL_SHARDS), or an indexed job of Kubernetes
/// (JOB_COMPLETION_INDEX, with the number of completions, which Kubernetes tells nobody, in WAVETANK_SHARDS). The whole
/// if there is none. `variable` looks a name up, as std::getenv does.
tl::expected<shard, std::string> shard_of_environment(
    const std::function<std::optional<std::string>(const char*)>& variable);

}  // namespace wavetank::tools

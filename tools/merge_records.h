// One result from the results of many shards.
#pragma once

#include <span>
#include <string>
#include <tl/expected.hpp>

#include <wavetank/tools/campaign_record.h>

namespace wavetank::tools {

/// Which shard does not fit, counted from 0, and why.
struct merge_error {
  std::size_t index = 0;
  std::string message;
};

/// Counts add up; the first failure of a property is kept; seconds add up, as machine time; what must be reached is
/// judged over all. The shards must be of one version and one seed.
tl::expected<campaign_record, merge_error> merge_records(std::span<const campaign_record> shards);

}  // namespace wavetank::tools

// What a reservation table is told.
#pragma once

#include <wavetank/impl/cache/cache_tier.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace wavetank {

struct reservation_table_options {
  /// How long a reservation lives since it was made or last checked. Positive. A save checks it as it writes: a sync of
  /// 256 MiB, one of the directory and the read-back of the payload must each take less.
  std::chrono::nanoseconds reservation_ttl = std::chrono::seconds(60);
  /// By tier. Enforced when a row is announced or inserted; adopted rows are never refused. None: no bound.
  std::array<std::optional<std::uint64_t>, cache_tiers.size()> quota_bytes{};
};

}  // namespace wavetank

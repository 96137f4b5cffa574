// What a partitioned buffer is told: intervals, sizes, bounds, and what becomes of a batch whose processor fails.
#pragma once

#include <wavetank/impl/option_error.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <tl/expected.hpp>

namespace wavetank {

/// What a put does when a bound is reached.
enum class overflow_policy : std::uint8_t {
  reject,       ///< answers `full`
  block,        ///< waits until there is room or the put's deadline; a full partition is processed at once
  drop_newest,  ///< takes the record and drops it
  drop_oldest,  ///< drops the oldest records of the current table, of the record's own shard first
  coalesce,     ///< tables with keys: what replaces an entry always fits, a new key is rejected
};

enum class delivery_guarantee : std::uint8_t {
  at_most_once,   ///< a batch whose outcome is unknown (time-out, death) is not processed again
  at_least_once,  ///< a batch is kept and processed again until its processor succeeds, whatever `on_failure` says
};

/// What becomes of a batch whose processor failed.
enum class failure_policy : std::uint8_t {
  drop,         ///< it counts as failed
  retry,        ///< processed again, up to `max_attempts`, then dropped; at most once: only if the processor threw
  dead_letter,  ///< handed to the dead-letter function, and counts as failed
};

/// As a batch size: the processor gets whole tables and may keep them.
inline constexpr std::uint64_t whole_table = 0;

/// Options of one partition. All but `shards` can be updated while it runs.
struct partition_options {
  std::chrono::nanoseconds processing_interval = std::chrono::seconds{5};
  /// Of one call of the processor.
  std::chrono::nanoseconds processing_timeout = std::chrono::seconds{60};
  /// Most records of a batch, or `whole_table`.
  std::uint64_t processing_batch_size = 10;
  /// The current table goes to the processor once it has as many records.
  std::optional<std::uint64_t> drain_threshold{};
  /// Bounds over the current table and all that is not delivered or failed yet. A put is accepted only if it fits
  /// beside what was put before it and is still held; puts side by side do not count each other, so that all but one of
  /// those may overshoot: one at most in each shard of a table.
  std::optional<std::uint64_t> max_records{};
  std::optional<std::uint64_t> max_bytes{};
  overflow_policy on_overflow = overflow_policy::reject;
  delivery_guarantee delivery = delivery_guarantee::at_most_once;
  failure_policy on_failure = failure_policy::drop;
  /// Of `failure_policy::retry`: calls in all, the first included.
  std::uint32_t max_attempts = 3;
  /// Before the first repetition; doubles with each, up to `max_backoff`.
  std::chrono::nanoseconds first_backoff = std::chrono::milliseconds{10};
  std::chrono::nanoseconds max_backoff = std::chrono::seconds{1};
  /// Shards of a table; a power of two. Writers of different shards never meet. A queue keeps the order of each
  /// producer, and with one shard the order of all.
  std::size_t shards = 8;
};

/// Options of a whole buffer.
struct buffer_options {
  /// 0: as many as the machine has hardware threads.
  std::size_t partitions = 0;
  partition_options each{};
  /// Bounds over all partitions together, kept as those of one are: one record at most in each shard of each partition
  /// may overshoot. While another partition hands a table over, a put may be refused that would fit.
  std::optional<std::uint64_t> max_records{};
  std::optional<std::uint64_t> max_bytes{};
};

inline constexpr std::size_t max_shards = 64;
inline constexpr std::size_t max_partitions = 4096;

/// The first option that is out of range, if any.
tl::expected<void, option_error> validate(const partition_options& options);
tl::expected<void, option_error> validate(const buffer_options& options);

}  // namespace wavetank

// What the reservation table answers: small typed values.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/runtime.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank {

/// The right to save one key. A plain value; never reused.
struct reservation_token {
  cache_key key;
  std::uint64_t number = 0;

  friend bool operator==(const reservation_token&, const reservation_token&) = default;
};

/// Why nothing was reserved.
enum class reserve_refusal : std::uint8_t {
  conflict,          ///< somebody saves, adopts or evicts the key
  already_present,   ///< the row can be read now
  unsupported_tier,  ///< the tier has no files: `insert_available` is for it
  no_path,           ///< a file needs a final path
  dead_owner,        ///< the owner has ended, or never was
};

/// Why a step of a save was refused.
enum class save_refusal : std::uint8_t {
  expired,      ///< the token is not, or no longer, the current one of its key, or its time has passed
  not_linked,   ///< announced before `mark_published`
  over_quota,   ///< the tier is full of rows in use; the file is removed
  bad_content,  ///< not what the reservation is for: a path other than the final one, or bytes in memory
};

/// Why a row was not inserted.
enum class insert_refusal : std::uint8_t {
  conflict,     ///< somebody saves, adopts or evicts the key
  over_quota,   ///< the tier is full of rows in use; a file that no row has is removed
  bad_content,  ///< a file tier without a path, or memory without its bytes or with a path
};

/// Why there is no claim.
enum class checkout_refusal : std::uint8_t {
  miss,        ///< there is no such row
  busy,        ///< somebody saves, adopts or evicts the key
  dead_owner,  ///< the owner has ended, or never was
};

/// Why a key that was asked for has no row.
enum class miss_reason : std::uint8_t {
  absent,      ///< there was none, and nobody was at it
  cancelled,   ///< its writer gave up
  owner_died,  ///< its writer ended
  expired,     ///< its writer was too slow
  invalid,     ///< what its writer left does not validate
  over_quota,  ///< the tier was full
  evicted,     ///< it went while the call waited
  deadline,    ///< the caller's
};

constexpr std::string_view to_string(reserve_refusal why) noexcept {
  constexpr std::array words{"somebody is at this key", "the row is present", "the tier has no files",
                             "a final path is missing", "the owner has ended"};
  return words.at(static_cast<std::size_t>(why));
}
constexpr std::string_view to_string(save_refusal why) noexcept {
  constexpr std::array words{"the reservation has expired", "not marked as published", "over the tier's quota",
                             "content that was not reserved"};
  return words.at(static_cast<std::size_t>(why));
}
constexpr std::string_view to_string(insert_refusal why) noexcept {
  constexpr std::array words{"somebody is at this key", "over the tier's quota", "content that does not fit its tier"};
  return words.at(static_cast<std::size_t>(why));
}
constexpr std::string_view to_string(checkout_refusal why) noexcept {
  constexpr std::array words{"miss", "somebody is at this key", "the owner has ended"};
  return words.at(static_cast<std::size_t>(why));
}
constexpr std::string_view to_string(miss_reason why) noexcept {
  constexpr std::array words{"absent",  "cancelled",  "its writer died", "its writer's time passed",
                             "invalid", "over quota", "evicted",         "deadline"};
  return words.at(static_cast<std::size_t>(why));
}

/// What an eviction did. A plain value.
struct eviction {
  std::vector<cache_key> evicted;  ///< rows that can no longer be read, in the order in which they went
  std::uint64_t bytes_freed = 0;   ///< what is really gone
  std::vector<cache_key> failed;   ///< of these an unlink failed: it is tried again, and was not counted
};

/// What a key that is not absent is doing.
enum class row_status : std::uint8_t { pre_link, post_link, available, adopting, evicting };

constexpr std::string_view to_string(row_status status) noexcept {
  constexpr std::array words{"pre_link", "post_link", "available", "adopting", "evicting"};
  return words.at(static_cast<std::size_t>(status));
}

/// One key, for people.
struct row_report {
  cache_key key;
  row_status status = row_status::available;
  cache_tier tier = cache_tier::disk;  ///< of the row or reservation
  std::string path;
  std::uint64_t size_bytes = 0;
  std::uint64_t generation = 0;
  std::uint64_t hits = 0;
  std::uint64_t last_use_s = 0;
  std::uint64_t pins = 0;  ///< of this generation
  task_id owner;           ///< of a reservation
  bool expired = false;    ///< of a reservation
  std::size_t waiters = 0;
};

/// What happened so far. Each number is exact once nobody is at work.
struct cache_counters {
  std::uint64_t hits = 0;    ///< lookups and checkouts that found a row
  std::uint64_t misses = 0;  ///< and those that did not
  std::uint64_t prefix_probes = 0;
  std::array<std::uint64_t, 6> saves_by_reason{};  ///< announced, by the number of their save reason
  std::uint64_t duplicates_dropped = 0;            ///< saves of what was present
  std::uint64_t evictions = 0;
  std::uint64_t corrupt_files = 0;
  std::array<std::uint64_t, cache_tiers.size()> bytes_in_use{};  ///< by tier: not gone yet
};

}  // namespace wavetank

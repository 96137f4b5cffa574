// What a partition counts. At each quiet point every accepted record is in exactly one place.
#pragma once

#include <cstdint>

namespace wavetank {

/// Records, since the partition was made. "Accepted" is what a put answered with success, and nothing else.
struct buffer_counts {
  std::uint64_t accepted = 0;
  std::uint64_t delivered = 0;       ///< their processor call succeeded
  std::uint64_t failed = 0;          ///< given up after their processor threw, timed out or died
  std::uint64_t dropped_newest = 0;  ///< taken and dropped: a bound was reached
  std::uint64_t dropped_oldest = 0;  ///< made room for newer ones
  std::uint64_t returned = 0;        ///< given back by `stop`
  std::uint64_t superseded = 0;      ///< replaced by a newer value of the same key before they were processed
  std::uint64_t erased = 0;          ///< erased before they were processed
  std::uint64_t buffered = 0;        ///< in the current table
  std::uint64_t in_flight = 0;       ///< handed over and not settled
  // Beside the equation:
  std::uint64_t rejected = 0;      ///< not accepted: a bound was reached
  std::uint64_t late_retries = 0;  ///< writers that met a swap and tried again with the new table

  std::uint64_t accounted() const noexcept {
    return delivered + failed + dropped_newest + dropped_oldest + returned + superseded + erased + buffered + in_flight;
  }
  /// Whether nothing is lost and nothing is counted twice. Holds whenever no put is under way.
  bool balanced() const noexcept { return accepted == accounted(); }

  buffer_counts& operator+=(const buffer_counts& other) noexcept {
    accepted += other.accepted;
    delivered += other.delivered;
    failed += other.failed;
    dropped_newest += other.dropped_newest;
    dropped_oldest += other.dropped_oldest;
    returned += other.returned;
    superseded += other.superseded;
    erased += other.erased;
    buffered += other.buffered;
    in_flight += other.in_flight;
    rejected += other.rejected;
    late_retries += other.late_retries;
    return *this;
  }
  friend bool operator==(const buffer_counts&, const buffer_counts&) = default;
};

}  // namespace wavetank

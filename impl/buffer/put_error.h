// Why a put was not accepted.
#pragma once

#include <cstdint>
#include <string>

namespace wavetank {

enum class put_problem : std::uint8_t {
  closed,         ///< the buffer is stopped or being stopped
  full,           ///< a bound is reached, and the policy is to reject
  deadline,       ///< a bound is reached, and there was no room by the put's deadline
  too_large,      ///< it could never fit
  bad_partition,  ///< there is no partition with this index
};

/// The record was not taken: nothing of it is in the buffer or will be.
struct put_error {
  put_problem what = put_problem::full;
  std::uint64_t limit = 0;  ///< of `full`, `deadline` and `too_large`: the bound; of `bad_partition`: the partitions
  std::uint64_t asked = 0;  ///< of `too_large`: what the put needs; of `bad_partition`: the index
  friend bool operator==(const put_error&, const put_error&) = default;
};

/// "full: the bound of 1000 is reached; try again later, or raise it".
std::string to_string(const put_error& error);

}  // namespace wavetank

// Why an attempt to acquire ended without a permit: shared by the semaphores.
#pragma once

#include <cstdint>
#include <string_view>

namespace wavetank {

/// Where several apply: `zero_weight` before `closed` before `too_large` before the rest.
enum class acquire_error : std::uint8_t {
  busy,         ///< an attempt that does not wait: it does not fit now, or others wait
  timed_out,    ///< the deadline came first
  closed,       ///< the semaphore was closed, before or while the call waited
  cancelled,    ///< the stop token was asked to stop while the call waited
  too_large,    ///< the weight is above the limit, from the beginning or since the limit was lowered
  zero_weight,  ///< a permit of weight 0 would hold nothing
};

constexpr std::string_view to_string(acquire_error error) noexcept {
  switch (error) {
    case acquire_error::busy:
      return "busy: no permit is free now, or others wait for one";
    case acquire_error::timed_out:
      return "timed out: the deadline came before a permit was free";
    case acquire_error::closed:
      return "closed: the semaphore gives out no more permits";
    case acquire_error::cancelled:
      return "cancelled: the caller's stop token was asked to stop";
    case acquire_error::too_large:
      return "too large: the weight is above the semaphore's limit";
    case acquire_error::zero_weight:
      return "zero weight: ask for at least 1";
  }
  return "unknown";
}

}  // namespace wavetank

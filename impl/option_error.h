// Why a component's options are refused.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace wavetank {

/// Which option is out of range, what it is, and what would be right.
struct option_error {
  std::string_view option;
  std::string text;
  friend bool operator==(const option_error&, const option_error&) = default;
};

inline tl::expected<void, option_error> out_of_range(std::string_view option, const std::string& value,
                                                     const std::string& must) {
  return tl::make_unexpected(option_error{option, "is " + value + ": it must be " + must});
}

inline constexpr std::chrono::nanoseconds longest_interval = std::chrono::hours{24};

/// Whether something can be done once in so long.
inline tl::expected<void, option_error> in_range(std::string_view option, std::chrono::nanoseconds interval) {
  if (interval.count() > 0 && interval <= longest_interval) return {};
  return out_of_range(option, std::to_string(interval.count()) + " ns", "between 1 ns and 24 h");
}

/// "processing_interval is 0 ns: it must be between 1 ns and 24 h".
inline std::string to_string(const option_error& error) { return std::string{error.option} + " " + error.text; }

}  // namespace wavetank

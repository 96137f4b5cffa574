// Why a component's options are refused.
#pragma once

#include <string>
#include <string_view>

namespace wavetank {

/// Which option is out of range, what it is, and what would be right.
struct option_error {
  std::string_view option;
  std::string text;
  friend bool operator==(const option_error&, const option_error&) = default;
};

/// "processing_interval is 0 ns: it must be between 1 ns and 24 h".
inline std::string to_string(const option_error& error) { return std::string{error.option} + " " + error.text; }

}  // namespace wavetank

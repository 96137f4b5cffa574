// `--time D`: a duration as people write it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace wavetank::tools {

/// `500ms`, `90s` or `90`, `10m`, `2h`; at least a millisecond, at most a year.
tl::expected<std::chrono::milliseconds, std::string> parse_time_limit(std::string_view text);

}  // namespace wavetank::tools

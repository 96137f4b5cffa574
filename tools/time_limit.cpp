#include <wavetank/tools/time_limit.h>

#include <charconv>
#include <cstdint>
#include <utility>

namespace wavetank::tools {

tl::expected<std::chrono::milliseconds, std::string> parse_time_limit(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint64_t> units[]{
      {"ms", 1}, {"s", 1'000}, {"", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
  constexpr std::uint64_t year_ms = 365ull * 24 * 3'600'000;
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  for (const auto& [name, ms] : units) {
    if (error != std::errc{} || unit != name || n == 0 || n > year_ms / ms) continue;
    return std::chrono::milliseconds(n * ms);
  }
  return tl::unexpected("'" + std::string(text) + "' is no time limit; use 500ms, 90s, 10m or 2h");
}

}  // namespace wavetank::tools

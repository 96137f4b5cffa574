#include <wavetank/tools/campaign_record.h>

#include <algorithm>

namespace wavetank::tools {

std::size_t campaign_record::failed() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(properties.begin(), properties.end(), [](const auto& p) { return !p.passed(); }));
}

std::optional<std::string> missed_coverage(const property_record& r) {
  std::string missing;
  for (const auto& [what, times] : r.reached) {
    if (times == 0) missing += (missing.empty() ? "'" : ", '") + what + "'";
  }
  if (missing.empty()) return std::nullopt;
  const bool exhaustive = r.strategy.rfind("exhaustive", 0) == 0;
  if (exhaustive ? !r.exhausted : r.schedules < schedules_that_must_reach) return std::nullopt;
  return "never reached in " + std::to_string(r.schedules) + " schedules: " + missing;
}

std::string reached_in_short(const property_record& r) {
  if (r.reached.empty()) return "-";
  const auto seen =
      std::count_if(r.reached.begin(), r.reached.end(), [](const auto& entry) { return entry.second > 0; });
  return std::to_string(seen) + "/" + std::to_string(r.reached.size());
}

}  // namespace wavetank::tools

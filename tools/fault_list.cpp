#include <wavetank/tools/fault_list.h>

#include <charconv>
#include <cstdint>
#include <utility>

namespace wavetank::tools {

namespace {

constexpr std::pair<std::string_view, std::uint32_t sim::scenario::*> kinds[]{
    {"kills", &sim::scenario::kills},
    {"spurious", &sim::scenario::spurious_wakeups},
    {"early_timers", &sim::scenario::early_timers},
    {"weak_failures", &sim::scenario::weak_failures},
};

tl::unexpected<std::string> no_fault(std::string_view entry) {
  return tl::unexpected("'" + std::string(entry) +
                        "' is no fault; there are kills, spurious, early_timers, weak_failures, each with =NUMBER at "
                        "will, or none");
}

}  // namespace

tl::expected<sim::scenario, std::string> restrict_faults(std::string_view list, const sim::scenario& promised) {
  sim::scenario s = promised;
  for (const auto& [name, budget] : kinds) s.*budget = 0;
  if (list == "none") return s;
  for (bool more = true; more;) {
    const std::size_t comma = list.find(',');
    const std::string_view entry = list.substr(0, comma);
    more = comma != std::string_view::npos;
    list = more ? list.substr(comma + 1) : std::string_view{};
    const std::size_t equals = entry.find('=');
    bool known = false;
    for (const auto& [name, budget] : kinds) {
      if (entry.substr(0, equals) != name) continue;
      known = true;
      s.*budget = promised.*budget;
      if (equals == std::string_view::npos) continue;
      const std::string_view digits = entry.substr(equals + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), s.*budget);
      if (error != std::errc{} || end != digits.data() + digits.size()) return no_fault(entry);
    }
    if (!known) return no_fault(entry);
  }
  return s;
}

}  // namespace wavetank::tools

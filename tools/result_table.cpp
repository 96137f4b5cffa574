#include <wavetank/tools/result_table.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

namespace wavetank::tools {

namespace {

constexpr std::size_t columns = 8;
using row = std::array<std::string, columns>;
// Names and words stand left, numbers right.
constexpr std::array<bool, columns> left{true, true, false, false, false, false, true, false};

std::string with_one_decimal(double x) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", x);
  return text;
}

std::string verdict_in_short(const property_record& p) {
  if (!p.passed()) return p.verdict;
  if (p.exhausted) return "exhausted";
  return p.strategy.rfind("exhaustive", 0) == 0 ? "passed, not exhausted" : "passed";
}

row row_of(const property_record& p) {
  const double per_second = p.seconds > 0 ? static_cast<double>(p.schedules) / p.seconds : 0;
  return {p.name,
          p.strategy,
          in_groups(p.schedules),
          in_groups(static_cast<std::uint64_t>(per_second)),
          in_groups(p.steps),
          reached_in_short(p),
          verdict_in_short(p),
          with_one_decimal(p.seconds)};
}

void print_row(std::ostream& out, const row& r, const std::array<std::size_t, columns>& widths) {
  std::string line;
  for (std::size_t c = 0; c < columns; ++c) {
    const std::string padding(widths[c] - r[c].size(), ' ');
    line += (c == 0 ? "" : "  ") + (left[c] ? r[c] + padding : padding + r[c]);
  }
  out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
}

}  // namespace

std::string in_groups(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, " ");
  return digits;
}

void print_table(std::ostream& out, const campaign_record& r) {
  const row head{"property", "strategy", "schedules", "per s", "steps", "reached", "verdict", "s"};
  std::array<std::size_t, columns> widths{};
  const auto widen = [&](const row& cells) {
    for (std::size_t c = 0; c < columns; ++c) widths[c] = std::max(widths[c], cells[c].size());
  };
  widen(head);
  for (const auto& p : r.properties) widen(row_of(p));
  print_row(out, head, widths);
  std::uint64_t schedules = 0;
  for (const auto& p : r.properties) {
    print_row(out, row_of(p), widths);
    for (const auto& warning : p.warnings) out << "  warning: " << warning << "\n";
    schedules += p.schedules;
  }
  out << "\n"
      << r.properties.size() - r.failed() << " passed, " << r.failed() << " failed, " << in_groups(schedules)
      << " schedules, seed " << r.seed << (r.interrupted ? "; interrupted: this is what was done so far" : "") << "\n";
}

void print_failure(std::ostream& out, const campaign_record& r, const property_record& failed) {
  out << "\nFAILED  " << failed.name << "\n"
      << "  strategy  " << failed.strategy << ", seed " << r.seed << "\n";
  if (failed.found_after) out << "  found     after " << in_groups(*failed.found_after) << " schedules\n";
  out << "  verdict   " << failed.verdict << ": " << failed.message << "\n";
  if (!failed.story.empty()) out << "\n" << failed.story;
  if (failed.trace.empty()) return;
  out << "\n  trace     " << failed.trace << "\n"
      << "  replay    wavetank replay " << failed.trace << "\n";
}

void print_result(std::ostream& out, const campaign_record& r) {
  print_table(out, r);
  for (const auto& p : r.properties) {
    if (!p.passed()) print_failure(out, r, p);
  }
  out.flush();
}

}  // namespace wavetank::tools

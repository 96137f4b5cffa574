#include <wavetank/tools/cache_report.h>

#include <cstdio>
#include <ctime>
#include <numeric>
#include <ostream>
#include <string_view>

#include <nlohmann/json.hpp>

#include <wavetank/tools/printable.h>
#include <wavetank/tools/result_table.h>

namespace wavetank::tools {

namespace {

/// The last second whose year has four digits.
constexpr std::uint64_t most_printed_s = 253'402'300'799;

std::string utc(std::uint64_t unix_s) {
  if (unix_s == 0) return "never";
  if (unix_s > most_printed_s) return "after 9999";
  const auto seconds = static_cast<std::time_t>(unix_s);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return {text, size};
}

std::string line_of(std::string_view key, std::string_view tokens, std::string_view bytes, std::string_view hits,
                    std::string_view last_use, std::string_view quant) {
  const auto padded = [](std::string_view text, std::size_t width, bool left) {
    const std::string padding(width > text.size() ? width - text.size() : 0, ' ');
    return left ? std::string{text} + padding : padding + std::string{text};
  };
  return padded(key, 64, true) + "  " + padded(tokens, 9, false) + "  " + padded(bytes, 14, false) + "  " +
         padded(hits, 7, false) + "  " + padded(last_use, 16, true) + "  " + std::string{quant} + "\n";
}

std::string_view after_damage(repair_outcome outcome) {
  switch (outcome) {
    case repair_outcome::not_asked:
      return "--repair moves it to quarantine/";
    case repair_outcome::repaired:
      return "moved to quarantine/";
    case repair_outcome::left:
      return "could not be moved to quarantine/";
  }
  return "";
}

std::string_view advice_on(const damaged_file& file) {
  if (file.reason.problem == kvc_problem::unreadable) return "see to its permissions and the disk";
  if (file.reason.problem == kvc_problem::not_a_file) return "move it away";
  return after_damage(file.outcome);
}

std::string_view advice_on(const temporary_name& file) {
  switch (file.outcome) {
    case repair_outcome::not_asked:
      return "being written, or abandoned; a start of the cache, or --repair, removes it";
    case repair_outcome::repaired:
      return "abandoned; removed";
    case repair_outcome::left:
      return "abandoned; could not be removed";
  }
  return "";
}

std::string_view to_json(repair_outcome outcome) {
  switch (outcome) {
    case repair_outcome::not_asked:
      return "none";
    case repair_outcome::repaired:
      return "repaired";
    case repair_outcome::left:
      return "left";
  }
  return "";
}

std::string counted(std::size_t n, const std::string& what, const std::string& plural) {
  return in_groups(n) + " " + (n == 1 ? what : plural);
}

}  // namespace

void print_cache_report(std::ostream& out, const cache_inspection_order& order, const cache_inspection& found) {
  if (!found.rows.empty()) out << line_of("key", "tokens", "payload bytes", "hits", "last use (UTC)", "quant");
  for (const auto& row : found.rows) {
    out << line_of(row.key, in_groups(row.tokens), in_groups(row.payload_bytes), in_groups(row.hits),
                   utc(row.last_use_s), to_string(row.quant));
  }
  for (const auto& file : found.damaged) {
    out << "damaged    " << file.name << "\n             " << describe(file.reason) << "; " << advice_on(file) << "\n";
  }
  for (const auto& file : found.temporaries) {
    out << "temporary  " << file.name << "\n             " << advice_on(file) << "\n";
  }
  for (const auto& name : found.foreign) out << "foreign    " << printable(name) << "\n";
  const auto bytes = std::accumulate(found.rows.begin(), found.rows.end(), std::uint64_t{0},
                                     [](std::uint64_t sum, const inspected_row& row) { return sum + row.file_bytes; });
  out << counted(found.rows.size(), "row", "rows") << " of " << in_groups(bytes) << " bytes, "
      << (order.verify_payloads ? "heads and payloads" : "heads") << " verified; " << in_groups(found.damaged.size())
      << " damaged, " << in_groups(found.temporaries.size()) << " temporary, " << in_groups(found.foreign.size())
      << " foreign, " << in_groups(found.quarantined.size()) << " in quarantine\n";
}

std::string cache_report_json(const cache_inspection_order& order, const cache_inspection& found) {
  nlohmann::ordered_json all{{"directory", order.directory},
                             {"payloads_verified", order.verify_payloads},
                             {"repaired", order.repair},
                             {"rows", nlohmann::ordered_json::array()},
                             {"damaged", nlohmann::ordered_json::array()},
                             {"temporaries", nlohmann::ordered_json::array()},
                             {"quarantined", found.quarantined},
                             {"foreign", found.foreign}};
  for (const auto& row : found.rows) {
    all["rows"].push_back({{"key", row.key},
                           {"file_bytes", row.file_bytes},
                           {"payload_bytes", row.payload_bytes},
                           {"tokens", row.tokens},
                           {"context_size", row.context_size},
                           {"hits", row.hits},
                           {"creation_time_s", row.creation_time_s},
                           {"last_use_s", row.last_use_s},
                           {"quant", to_string(row.quant)},
                           {"save_reason", to_string(row.save_reason)},
                           {"head_checksummed", row.head_checksummed}});
  }
  for (const auto& file : found.damaged) {
    all["damaged"].push_back({{"name", file.name},
                              {"field", to_string(file.reason.field)},
                              {"problem", to_string(file.reason.problem)},
                              {"offset", file.reason.offset},
                              {"reason", describe(file.reason)},
                              {"repair", to_json(file.outcome)}});
  }
  for (const auto& file : found.temporaries) {
    all["temporaries"].push_back({{"name", file.name}, {"repair", to_json(file.outcome)}});
  }
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace wavetank::tools

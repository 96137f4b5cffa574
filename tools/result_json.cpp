#include <wavetank/tools/result_json.h>

#include <algorithm>

#include <nlohmann/json.hpp>

namespace wavetank::tools {

namespace {

using ordered_json = nlohmann::ordered_json;
using json = nlohmann::json;

ordered_json property_to_json(const property_record& p) {
  ordered_json j;
  j["name"] = p.name;
  j["strategy"] = p.strategy;
  j["verdict"] = p.verdict;
  j["message"] = p.message;
  j["schedules"] = p.schedules;
  j["redundant"] = p.redundant;
  j["exhausted"] = p.exhausted;
  j["steps"] = p.steps;
  j["decisions"] = p.decisions;
  j["seconds"] = p.seconds;
  j["found_after"] = p.found_after ? ordered_json(*p.found_after) : ordered_json(nullptr);
  j["trace"] = p.trace;
  j["story"] = p.story;
  j["reached"] = ordered_json::object();
  for (const auto& [what, times] : p.reached) j["reached"][what] = times;
  j["warnings"] = p.warnings;
  return j;
}

property_record property_from_json(const json& j) {
  property_record p;
  j.at("name").get_to(p.name);
  j.at("strategy").get_to(p.strategy);
  j.at("verdict").get_to(p.verdict);
  j.at("message").get_to(p.message);
  j.at("schedules").get_to(p.schedules);
  j.at("redundant").get_to(p.redundant);
  j.at("exhausted").get_to(p.exhausted);
  j.at("steps").get_to(p.steps);
  j.at("decisions").get_to(p.decisions);
  j.at("seconds").get_to(p.seconds);
  if (!j.at("found_after").is_null()) p.found_after = j.at("found_after").get<std::uint64_t>();
  j.at("trace").get_to(p.trace);
  j.at("story").get_to(p.story);
  j.at("reached").get_to(p.reached);
  j.at("warnings").get_to(p.warnings);
  return p;
}

std::size_t line_of(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(byte, text.size()));
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace

std::string to_json(const campaign_record& r) {
  ordered_json j;
  j["wavetank"] = r.version;
  j["seed"] = r.seed;
  j["interrupted"] = r.interrupted;
  j["properties"] = ordered_json::array();
  for (const auto& p : r.properties) j["properties"].push_back(property_to_json(p));
  j["passed"] = r.properties.size() - r.failed();
  j["failed"] = r.failed();
  // Messages quote what components say: bytes that are no UTF-8 are replaced, not fatal.
  return j.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

tl::expected<campaign_record, std::string> parse_result_json(std::string_view text) {
  try {
    const json j = json::parse(text.begin(), text.end());
    campaign_record r;
    j.at("wavetank").get_to(r.version);
    j.at("seed").get_to(r.seed);
    j.at("interrupted").get_to(r.interrupted);
    for (const auto& p : j.at("properties")) r.properties.push_back(property_from_json(p));
    return r;
  } catch (const json::parse_error& e) {
    return tl::unexpected(std::to_string(line_of(text, e.byte)) +
                          ": this is no JSON; `wavetank verify --json` writes it");
  } catch (const json::exception& e) {
    return tl::unexpected(std::string("1: this is no result of `wavetank verify --json`: ") + e.what());
  }
}

}  // namespace wavetank::tools

#include <wavetank/model/lin/report.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace wavetank::lin {
namespace {

constexpr std::size_t most_rows = 12;
constexpr std::size_t most_states = 4;

std::string cell(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::string when_returned(const judged_history::place& at) {
  return at.returned ? std::to_string(*at.returned) + (at.unknown ? "?" : "") : "pending";
}

std::string row(const judged_history& what, op_id id) {
  if (id >= what.lines().size()) return "  " + cell("-", 6) + cell("-", 8) + "  at the end           " + what.words(id);
  const judged_history::place& at = what.lines()[id];
  return "  " + cell(std::to_string(at.line), 6) + cell(std::to_string(at.client), 8) +
         cell(std::to_string(at.call), 12) + cell(when_returned(at), 12) + "  " + what.words(id);
}

void rows(std::ostream& out, const judged_history& what, const std::vector<op_id>& ids) {
  out << "    line  client      called    returned  operation\n";
  for (std::size_t i = 0; i < std::min(ids.size(), most_rows); ++i) out << row(what, ids[i]) << '\n';
  if (ids.size() > most_rows) out << "  ... and " << ids.size() - most_rows << " more (--json lists all)\n";
}

std::string brief(const judged_history& what, op_id id) {
  const std::uint64_t line = what.line(id);
  if (line == 0) return what.words(id);
  std::string text = "'";
  return text.append(what.words(id)).append("' (line ").append(std::to_string(line)).append(")");
}

// "it would answer 5" for an operation that answers, "it is not enabled" for one that must wait.
std::string refusal(const std::vector<std::string>& allowed) {
  std::string answers;
  for (std::size_t i = 0; i < std::min<std::size_t>(allowed.size(), 3); ++i) {
    if (allowed[i].empty()) continue;
    answers += (answers.empty() ? "" : " or ") + allowed[i];
  }
  return answers.empty() ? "not enabled" : "the model answers " + answers;
}

void states(std::ostream& out, const judged_history& what, const explanation& why) {
  if (!why.states_are_all) {
    out << "Too many ways lead there to list the states.\n";
    return;
  }
  out << "Every order of the others arrives there in "
      << (why.states.size() == 1 ? "this state" : "one of " + std::to_string(why.states.size()) + " states")
      << ", and the model refuses:\n";
  for (std::size_t i = 0; i < std::min(why.states.size(), most_states); ++i) {
    const auto& state = why.states[i];
    out << "  in state " << state.state;
    const char* sep = ": ";
    for (std::size_t j = 0; j < std::min<std::size_t>(state.refusals.size(), 3); ++j) {
      out << sep << brief(what, state.refusals[j].op) << ", " << refusal(state.refusals[j].allowed);
      sep = "; ";
    }
    out << '\n';
  }
  if (why.states.size() > most_states) out << "  ... and " << why.states.size() - most_states << " more states\n";
}

void longest_order(std::ostream& out, const judged_history& what, const explanation& why) {
  out << "Longest order found: " << why.order.size() << " operations";
  constexpr std::size_t shown = 5;
  const char* sep = why.order.size() > shown ? ", ending " : ": ";
  for (std::size_t i = why.order.size() - std::min(shown, why.order.size()); i < why.order.size(); ++i) {
    out << sep << what.words(why.order[i]);
    sep = ", ";
  }
  out << ".\nCould not be placed:";
  for (std::size_t i = 0; i < std::min<std::size_t>(why.not_placed.size(), 4); ++i)
    out << (i > 0 ? ", " : " ") << brief(what, why.not_placed[i]);
  if (why.not_placed.size() > 4) out << " and " << why.not_placed.size() - 4 << " more";
  out << ".\n";
}

void weaker(std::ostream& out, const judged_history& what, const explanation& why) {
  if (why.but_for)
    out << "It would pass but for real time: had " << brief(what, why.but_for->before) << " returned only after "
        << brief(what, why.but_for->after) << " was called.\n";
  if (why.sequentially_consistent) out << "It is sequentially consistent: each client's own order can be kept.\n";
  for (const criterion one : why.passes_under)
    out << "It passes under the weaker criterion --criterion " << to_string(one) << ".\n";
}

void failure(std::ostream& out, const judged_history& what, const explanation& why) {
  out << "No order of the operations " << (why.key.empty() ? "" : "on key \"" + why.key + "\" ") << "lets "
      << brief(what, why.stopped_at) << " return";
  if (what.line(why.stopped_at) != 0) out << " at " << why.stopped_when;
  out << "; " << why.prefix_operations << " operations had been called.\n\n";
  out << "These " << why.core.size() << " contradict each other, whatever else happened"
      << (why.core_is_minimal ? "" : " (perhaps fewer do: a limit ended the search)") << ":\n";
  rows(out, what, why.core);
  out << '\n';
  states(out, what, why);
  longest_order(out, what, why);
  weaker(out, what, why);
}

void undecided(std::ostream& out, const judged_history& what, const verdict& v) {
  const partition_report& at = v.partitions.at(v.decisive);
  out << "The " << to_string(v.limit) << " limit ended the search";
  if (!at.key.empty()) out << " of key \"" << at.key << '"';
  if (at.stopped_at != no_op)
    out << "; the deepest return met is that of " << brief(what, at.stopped_at) << " at " << at.stopped_when;
  out << ", with " << at.order.size() << " operations placed. Raise --time or --memory.\n";
}

nlohmann::ordered_json lines_of(const judged_history& what, const std::vector<op_id>& ids) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const op_id id : ids) {
    if (what.line(id) != 0)
      lines.push_back(what.line(id));
    else
      lines.push_back(nullptr);
  }
  return lines;
}

nlohmann::ordered_json operation(const judged_history& what, op_id id) {
  nlohmann::ordered_json it;
  if (id < what.lines().size()) {
    const judged_history::place& at = what.lines()[id];
    it["line"] = at.line;
    it["client"] = at.client;
    it["call"] = at.call;
    it["return"] = nullptr;
    if (at.returned) it["return"] = *at.returned;
  }
  it["operation"] = what.words(id);
  return it;
}

nlohmann::ordered_json operations(const judged_history& what, const std::vector<op_id>& ids) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const op_id id : ids) all.push_back(operation(what, id));
  return all;
}

nlohmann::ordered_json explained(const judged_history& what, const explanation& why) {
  nlohmann::ordered_json it;
  it["prefix_operations"] = why.prefix_operations;
  it["core"] = operations(what, why.core);
  it["core_is_minimal"] = why.core_is_minimal;
  it["longest_order_lines"] = lines_of(what, why.order);
  it["not_placed"] = operations(what, why.not_placed);
  it["states_are_all"] = why.states_are_all;
  it["states"] = nlohmann::ordered_json::array();
  for (const auto& state : why.states) {
    nlohmann::ordered_json refused = nlohmann::ordered_json::array();
    for (const auto& one : state.refusals) {
      nlohmann::ordered_json entry = operation(what, one.op);
      entry["allowed"] = one.allowed;
      refused.push_back(std::move(entry));
    }
    it["states"].push_back({{"state", state.state}, {"refused", std::move(refused)}});
  }
  it["sequentially_consistent"] = why.sequentially_consistent;
  it["but_for"] = nullptr;
  if (why.but_for)
    it["but_for"] = {{"returned", operation(what, why.but_for->before)},
                     {"before_call_of", operation(what, why.but_for->after)}};
  it["passes_under"] = nlohmann::ordered_json::array();
  for (const criterion one : why.passes_under) it["passes_under"].push_back(to_string(one));
  return it;
}

}  // namespace

std::string report_text(const report_heading& heading, const judged_history& what, const verdict& v,
                        const explanation* why) {
  std::ostringstream out;
  out << heading.file << ": " << to_string(v.result) << " (" << heading.model;
  if (what.crashes() > 0) out << ", " << to_string(heading.crash_means) << ", " << what.crashes() << " crashes";
  out << "; " << what.operations() << " operations";
  if (v.partitions.size() > 1) out << ", " << v.partitions.size() << " keys";
  out << "; " << v.configurations << " configurations)\n";
  if (v.result == outcome::undecided) undecided(out, what, v);
  if (why != nullptr) failure(out, what, *why);
  return out.str();
}

std::string report_json(const report_heading& heading, const judged_history& what, const verdict& v,
                        const explanation* why) {
  nlohmann::ordered_json it;
  it["file"] = heading.file;
  it["model"] = heading.model;
  it["criterion"] = to_string(heading.crash_means);
  it["verdict"] = to_string(v.result);
  it["operations"] = what.operations();
  it["crashes"] = what.crashes();
  it["configurations"] = v.configurations;
  it["bytes"] = v.bytes;
  if (v.result == outcome::undecided) it["limit"] = to_string(v.limit);
  it["partitions"] = v.partitions.size();
  if (v.result != outcome::linearizable) {
    const partition_report& at = v.partitions.at(v.decisive);
    it["key"] = nullptr;
    if (!at.key.empty()) it["key"] = at.key;
    it["stopped_at"] = nullptr;
    const op_id stopped_at = why != nullptr ? why->stopped_at : at.stopped_at;
    if (stopped_at != no_op) it["stopped_at"] = operation(what, stopped_at);
    it["placed"] = at.order.size();
  }
  if (why != nullptr) it["explanation"] = explained(what, *why);
  return it.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace wavetank::lin

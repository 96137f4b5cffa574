#include <wavetank/sim/trace.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace wavetank::sim {

namespace {

// FNV-1a, 64 bits: enough to tell an altered or damaged file; traces are no secrets.
std::uint64_t checksum(std::string_view text) noexcept {
  std::uint64_t h = 0xCBF29CE484222325u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return h;
}

std::string hex(std::uint64_t v) {
  std::array<char, 17> digits{};
  auto [end, error] = std::to_chars(digits.data(), digits.data() + 16, v, 16);
  const auto length = static_cast<std::size_t>(end - digits.data());
  return std::string(16 - length, '0') + std::string(digits.data(), length);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line;
}

constexpr std::array verbs{"run", "timer", "kill", "spurious"};

std::string decision_line(const strict_replay::expected& e) {
  const labelled_decision& d = e.decision;
  std::string line;
  if (d.kind == decision_kind::schedule) {
    const auto t = transition::from_code(d.choice);
    line =
        std::string(verbs[static_cast<std::size_t>(t.kind())]) + " " + d.chosen_task + " " + std::to_string(t.task());
  } else {
    line = std::string(to_string(d.kind)) + " - " + std::to_string(d.choice);
  }
  return line + " of " + std::to_string(d.alternatives) + " at " + to_string(d.label) + " " + hex(d.hash) + "\n";
}

/// Reads a text piece by piece and remembers where it is.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text), all_(text) {}

  bool next_line(std::string_view& line) {
    if (rest_.empty()) return false;
    ++line_;
    before_ = all_.size() - rest_.size();
    const std::size_t end = rest_.find('\n');
    complete_ = end != std::string_view::npos;
    line = rest_.substr(0, end);
    rest_ = complete_ ? rest_.substr(end + 1) : std::string_view{};
    return true;
  }
  std::size_t line() const noexcept { return line_; }
  bool line_complete() const noexcept { return complete_; }
  std::string_view before_line() const noexcept { return all_.substr(0, before_); }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
  std::string_view all_;
  std::size_t line_ = 0;
  std::size_t before_ = 0;
  bool complete_ = true;
};

std::string_view word(std::string_view& rest) {
  const std::size_t end = rest.find(' ');
  const std::string_view w = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return w;
}

template <class T>
bool number(std::string_view text, T& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool parse_scenario(std::string_view rest, scenario& s) {
  std::uint32_t barrier = 0;
  const auto field = [&](std::string_view name, auto& value) {
    const std::string_view w = word(rest);
    return w.size() > name.size() && w.substr(0, name.size()) == name && w[name.size()] == '=' &&
           number(w.substr(name.size() + 1), value);
  };
  const bool ok = field("barrier", barrier) && field("kills", s.kills) && field("spurious", s.spurious_wakeups) &&
                  field("early_timers", s.early_timers) && field("weak_failures", s.weak_failures) &&
                  field("max_steps", s.max_steps) && rest.empty() && barrier < 2;
  s.start_barrier = barrier == 1;
  return ok && s.max_steps <= 1'000'000'000;
}

bool parse_label(std::string_view text, decision_label& label) {
  std::array<std::string, 3> parts;
  for (auto& part : parts) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || slash == 0) return false;
    part = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  label = {parts[0], parts[1], parts[2], 0};
  return number(text, label.nth);
}

std::optional<std::string> parse_decision(std::string_view text, labelled_decision& d) {
  const std::string_view verb = word(text);
  d.chosen_task = word(text);
  std::uint16_t choice = 0;
  if (!number(word(text), choice)) return "the choice is not a number below 65536";
  const auto v = std::find(verbs.begin(), verbs.end(), verb);
  if (v != verbs.end()) {
    if (choice >= max_tasks) return "the task's number is above 16383";
    d.kind = decision_kind::schedule;
    d.choice = transition{static_cast<transition::what>(v - verbs.begin()), choice}.code();
  } else {
    d.choice = choice;
    d.chosen_task.clear();
    bool known = false;
    for (const auto k :
         {decision_kind::notify, decision_kind::weak_cas, decision_kind::fault, decision_kind::outcome}) {
      if (verb == to_string(k)) d.kind = k, known = true;
    }
    if (!known) return "'" + std::string(verb.substr(0, 40)) + "' is no kind of decision";
  }
  d.calm = false;
  if (word(text) != "of" || !number(word(text), d.alternatives) || d.alternatives < 2) {
    return "'of' and a number of alternatives (at least 2) are expected after the choice";
  }
  if (word(text) != "at" || !parse_label(word(text), d.label)) return "'at task/operation/object/nth' is expected";
  if (!number(text, d.hash, 16) || text.size() != 16) return "a hash of 16 hexadecimal digits is expected at the end";
  return std::nullopt;
}

}  // namespace

std::vector<strict_replay::expected> as_expected(const std::vector<labelled_decision>& decisions) {
  std::vector<strict_replay::expected> all;
  all.reserve(decisions.size());
  for (const auto& d : decisions) all.push_back({d, true, true, 0});
  return all;
}

std::vector<labelled_decision> as_labelled(const std::vector<strict_replay::expected>& decisions) {
  std::vector<labelled_decision> all;
  for (const auto& e : decisions) all.push_back(e.decision);
  return all;
}

std::string to_text(const trace& t) {
  std::string text = "wavetank-trace " + std::to_string(trace_format) + "\n";
  std::size_t lines = 1;
  const auto add = [&](const std::string& line) {
    text += line + "\n";
    ++lines;
  };
  add("property " + one_line(t.property));
  add("seed " + std::to_string(t.seed));
  add("strategy " + one_line(t.strategy));
  add("scenario " + to_string(t.bounds));
  add("expect " + std::string(to_string(t.expected.kind)) + " " + one_line(t.expected.message));
  for (const auto& c : t.commands) add("command " + one_line(c));
  add("decisions " + std::to_string(t.decisions.size()));
  std::size_t calm = 0;
  const auto flush = [&] {
    if (calm != 0) add("= " + std::to_string(calm));
    calm = 0;
  };
  for (const auto& e : t.decisions) {
    if (e.decision.calm) {
      ++calm;
      continue;
    }
    flush();
    text += decision_line(e);
    ++lines;
  }
  flush();
  add("hash " + hex(t.hash) + " steps " + std::to_string(t.steps));
  return text + "end " + std::to_string(lines) + " " + hex(checksum(text)) + "\n";
}

tl::expected<trace, trace_error> parse_trace(std::string_view text, bool altered) {
  const auto error = [](std::size_t line, std::string message) {
    return tl::unexpected(trace_error{line, std::move(message)});
  };
  if (text.size() > max_trace_bytes)
    return error(1, "longer than any trace: " + std::to_string(text.size()) + " bytes");
  reader in(text);
  std::string_view line;
  if (!in.next_line(line)) return error(1, "the file is empty; a trace starts with 'wavetank-trace 1'");
  std::string_view head = line;
  if (word(head) != "wavetank-trace") return error(1, "this is no trace: it does not start with 'wavetank-trace'");
  int format = 0;
  if (!number(head, format) || format < 1) return error(1, "the format's number is missing after 'wavetank-trace'");
  if (format > trace_format) {
    return error(1, "format " + std::to_string(format) + " is newer than " + std::to_string(trace_format) +
                        ", which this build reads; use a newer wavetank");
  }

  trace t;
  const auto take = [&](std::string_view name, std::string_view& rest) {
    if (!in.next_line(line) || !in.line_complete()) return false;
    rest = line;
    return word(rest) == name;
  };
  std::string_view rest;
  if (!take("property", rest) || rest.empty()) return error(in.line(), "'property NAME' is expected here");
  t.property = rest;
  if (!take("seed", rest) || !number(rest, t.seed)) return error(in.line(), "'seed NUMBER' is expected here");
  if (!take("strategy", rest) || rest.empty()) return error(in.line(), "'strategy NAME' is expected here");
  t.strategy = rest;
  if (!take("scenario", rest) || !parse_scenario(rest, t.bounds)) {
    return error(in.line(),
                 "'scenario barrier=… kills=… spurious=… early_timers=… weak_failures=… max_steps=…' is expected here");
  }
  bool known = false;
  if (take("expect", rest)) t.expected.kind = verdict_kind_from(word(rest), known);
  if (!known) return error(in.line(), "'expect VERDICT MESSAGE' is expected here");
  t.expected.message = rest;

  std::size_t announced = 0;
  for (;;) {
    if (!in.next_line(line) || !in.line_complete())
      return error(in.line(), "the trace ends before its decisions: truncated");
    rest = line;
    const std::string_view key = word(rest);
    if (key == "command") {
      t.commands.emplace_back(rest);
    } else if (key == "decisions" && number(rest, announced)) {
      break;
    } else {
      return error(in.line(), "'command …' or 'decisions NUMBER' is expected here");
    }
  }
  if (announced > max_trace_decisions) return error(in.line(), "more decisions than any trace has");

  for (;;) {
    if (!in.next_line(line) || !in.line_complete()) {
      return error(in.line(), "the trace ends among its decisions: truncated");
    }
    rest = line;
    if (rest.substr(0, 5) == "hash ") break;
    if (rest.substr(0, 2) == "= ") {
      std::size_t n = 0;
      if (!number(rest.substr(2), n) || n == 0 || n > announced - std::min(announced, t.decisions.size())) {
        return error(in.line(), "more decisions than the " + std::to_string(announced) + " announced, or no number");
      }
      strict_replay::expected calm{{}, false, false, in.line()};
      t.decisions.insert(t.decisions.end(), n, calm);
      continue;
    }
    strict_replay::expected e{{}, true, true, in.line()};
    if (const auto wrong = parse_decision(rest, e.decision)) return error(in.line(), *wrong);
    t.decisions.push_back(std::move(e));
    if (t.decisions.size() > announced) {
      return error(in.line(), "more decisions than the " + std::to_string(announced) + " announced");
    }
  }
  word(rest);
  const std::string_view digits = word(rest);
  if (t.decisions.size() != announced) {
    return error(in.line(), std::to_string(announced) + " decisions were announced, " +
                                std::to_string(t.decisions.size()) + " are here");
  }
  if (digits.size() != 16 || !number(digits, t.hash, 16) || word(rest) != "steps" || !number(rest, t.steps)) {
    return error(in.line(), "'hash SIXTEEN-HEX-DIGITS steps NUMBER' is expected here");
  }

  if (!in.next_line(line)) return error(in.line(), "the last line, 'end …', is missing: truncated");
  rest = line;
  std::size_t lines = 0;
  std::uint64_t sum = 0;
  if (word(rest) != "end" || !number(word(rest), lines) || rest.size() != 16 || !number(rest, sum, 16)) {
    return error(in.line(), "'end LINES CHECKSUM' is expected here");
  }
  if (!altered && (lines + 1 != in.line() || sum != checksum(in.before_line()))) {
    return error(in.line(), "the checksum does not match: damaged or edited; --tolerant replays an edited trace");
  }
  if (!in.at_end()) return error(in.line() + 1, "nothing may follow the last line");
  return t;
}

}  // namespace wavetank::sim

#include <wavetank/props/program/program.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <optional>
#include <string_view>

namespace wavetank::props {

namespace {

constexpr std::string_view settings_word = "with";

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || text.empty()) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return value;
}

std::optional<std::uint32_t> task_in(std::string_view text) {
  if (text == "main") return 0;
  if (text.size() != 1 || text[0] < 'a' || text[0] >= static_cast<char>('a' + most_tasks_of_a_program)) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(text[0] - 'a' + 1);
}

/// `#17`.
std::optional<std::uint64_t> label_in(std::string_view text) {
  if (text.empty() || text.front() != '#') return std::nullopt;
  return number_in(text.substr(1));
}

std::string value_text(const operand& o, std::uint64_t value) {
  switch (o.kind) {
    case operand_kind::reference:
      return "#" + std::to_string(value);
    case operand_kind::task:
      return task_name(value);
    case operand_kind::number:
      break;
  }
  return std::to_string(value);
}

std::optional<std::uint64_t> value_in(const operand& o, std::string_view text) {
  switch (o.kind) {
    case operand_kind::reference:
      return label_in(text);
    case operand_kind::task:
      return task_in(text);
    case operand_kind::number:
      break;
  }
  return number_in(text);
}

std::string values_text(const std::vector<operand>& operands, const std::array<std::uint64_t, most_operands>& values) {
  std::string text;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (values[i] == operands[i].calm) continue;
    text += " " + std::string(operands[i].name) + "=" + value_text(operands[i], values[i]);
  }
  return text;
}

std::array<std::uint64_t, most_operands> calm_values(const std::vector<operand>& operands) {
  assert(operands.size() <= most_operands);
  std::array<std::uint64_t, most_operands> values{};
  for (std::size_t i = 0; i < operands.size(); ++i) values[i] = operands[i].calm;
  return values;
}

/// The words of one line, taken one after the other.
class line_reader {
 public:
  explicit line_reader(std::string_view line) : rest_(line) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  std::string_view next() {
    const auto end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return word;
  }

 private:
  std::string_view rest_;
};

using failure = std::optional<std::string>;

std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 40;
  std::string out = "'";
  for (const char c : text.substr(0, shown)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > shown ? "...'" : "'");
}

/// Each operand at most once, in the order of the vocabulary.
failure read_values(line_reader& words, const std::vector<operand>& operands,
                    std::array<std::uint64_t, most_operands>& values) {
  values = calm_values(operands);
  std::size_t next = 0;
  while (!words.at_end()) {
    const std::string_view word = words.next();
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    while (next < operands.size() && operands[next].name != name) ++next;
    if (equals == std::string_view::npos || next == operands.size()) {
      return quoted(word) + " is no operand here, or out of order";
    }
    const operand& o = operands[next];
    const auto value = value_in(o, word.substr(equals + 1));
    if (!value || *value < o.least || *value > o.most) {
      return quoted(word) + " has no value from " + value_text(o, o.least) + " to " + value_text(o, o.most);
    }
    values[next++] = *value;
  }
  return std::nullopt;
}

failure read_step(line_reader& words, const vocabulary& known, step& into) {
  const std::string_view name = words.next();
  const auto verb = known.find(name);
  if (!verb) return quoted(name) + " is no command of this component";
  into.verb = *verb;
  if (known.verbs[*verb].yields_result) {
    const std::string_view word = words.next();
    const auto label = label_in(word);
    if (!label || *label == 0 || *label > most_results) {
      return quoted(word) + " is no label of a result, #1 to #" + std::to_string(most_results);
    }
    into.result = static_cast<std::uint32_t>(*label);
  }
  return read_values(words, known.verbs[*verb].operands, into.operands);
}

template <class F>
void for_each_step(const program& p, F&& visit) {
  for (const step& s : p.prefix) visit(s);
  for (const auto& branch : p.branches) {
    for (const step& s : branch) visit(s);
  }
}

std::uint64_t highest_named_task(const program& p, const vocabulary& words) {
  std::uint64_t highest = 0;
  for_each_step(p, [&](const step& s) {
    const auto& operands = words.verbs[s.verb].operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (operands[i].kind == operand_kind::task) highest = std::max(highest, s.operands[i]);
    }
  });
  return highest;
}

failure check_labels(const program& p) {
  std::vector<std::uint32_t> labels;
  for_each_step(p, [&](const step& s) {
    if (s.result != 0) labels.push_back(s.result);
  });
  std::sort(labels.begin(), labels.end());
  const auto twice = std::adjacent_find(labels.begin(), labels.end());
  if (twice == labels.end()) return std::nullopt;
  return "two steps yield #" + std::to_string(*twice);
}

failure read_line(std::string_view line, bool is_first, const vocabulary& words, program& into) {
  line_reader reader{line};
  const std::string_view who = reader.next();
  if (who == settings_word) {
    if (!is_first) return std::string("the settings must come first");
    return read_values(reader, words.settings, into.settings);
  }
  const auto task = task_in(who);
  if (!task || *task > words.most_branches) return quoted(who) + " is no task of this property";
  step read;
  if (auto wrong = read_step(reader, words, read)) return wrong;
  if (*task > into.branches.size()) into.branches.resize(*task);
  (*task == 0 ? into.prefix : into.branches[*task - 1]).push_back(read);
  return std::nullopt;
}

}  // namespace

program empty_program(const vocabulary& words) {
  program p;
  p.settings = calm_values(words.settings);
  return p;
}

std::string task_name(std::uint64_t task) {
  return task == 0 ? "main" : std::string(1, static_cast<char>('a' + task - 1));
}

std::string to_string(const step& s, const vocabulary& words) {
  const verb& v = words.verbs[s.verb];
  return std::string(v.name) + (v.yields_result ? " #" + std::to_string(s.result) : "") +
         values_text(v.operands, s.operands);
}

std::vector<std::string> to_lines(const program& p, const vocabulary& words) {
  std::vector<std::string> lines;
  if (const std::string settings = values_text(words.settings, p.settings); !settings.empty()) {
    lines.push_back(std::string(settings_word) + settings);
  }
  for (const step& s : p.prefix) lines.push_back("main " + to_string(s, words));
  for (std::size_t i = 0; i < p.branches.size(); ++i) {
    for (const step& s : p.branches[i]) lines.push_back(task_name(i + 1) + " " + to_string(s, words));
  }
  return lines;
}

tl::expected<program, std::string> parse_program(std::span<const std::string> lines, const vocabulary& words) {
  if (lines.size() > most_lines) {
    return tl::unexpected("more than " + std::to_string(most_lines) + " commands");
  }
  program read = empty_program(words);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const auto wrong = read_line(lines[i], i == 0, words, read)) {
      return tl::unexpected("command " + std::to_string(i + 1) + ": " + *wrong);
    }
  }
  if (const auto wrong = check_labels(read)) return tl::unexpected(*wrong);
  drop_unused_branches(read, words);
  return read;
}

void drop_unused_branches(program& p, const vocabulary& words) {
  const std::uint64_t named = highest_named_task(p, words);
  while (p.branches.size() > named && p.branches.back().empty()) p.branches.pop_back();
  if (p.branches.size() < named) p.branches.resize(named);
}

}  // namespace wavetank::props

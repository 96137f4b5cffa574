#include <wavetank/model/checker/report.h>

#include <algorithm>

namespace wavetank::model {
namespace {

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string right_aligned(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

/// 1234567 as "1 234 567".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ' ');
  }
  return digits;
}

std::string steps(std::uint64_t n) { return n == 1 ? "1 step" : grouped(n) + " steps"; }

std::string headline(const violation& failure) {
  const std::string after = " after " + steps(failure.story.size());
  switch (failure.kind) {
    case violation_kind::invariant:
      return "violated" + after + ": " + failure.property + "\n";
    case violation_kind::step_invariant:
      return "violated by step " + std::to_string(failure.story.size()) + ": " + failure.property + "\n";
    case violation_kind::deadlock:
      return "deadlock" + after + ": something waits and nothing that is certain to come can come\n";
    case violation_kind::unreachable:
      return "never reached, though it must be possible: " + failure.property + "\n";
  }
  return "";
}

std::string verdict_line(const check_report& report) {
  switch (report.verdict) {
    case check_verdict::holds:
      return "holds: every reachable state was visited\n";
    case check_verdict::violated:
      return to_text(*report.failure);
    case check_verdict::undecided:
      return "undecided: " + report.gave_up_because + "\n";
  }
  return "";
}

std::string claims(const std::string& kind, const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += kind + name + "\n";
  return text;
}

std::string landmark_lines(const std::vector<landmark>& landmarks) {
  std::size_t width = 0;
  for (const auto& one : landmarks) width = std::max(width, grouped(one.hits).size());
  std::string text;
  for (const auto& one : landmarks) {
    text += "possible   " + right_aligned(grouped(one.hits), width) + " x  " + one.name;
    text += one.hits == 0 ? " (never)\n" : " (first after " + steps(one.first_depth) + ")\n";
  }
  return text;
}

}  // namespace

std::string to_text(const violation& failure) {
  std::string text = headline(failure);
  if (failure.kind == violation_kind::unreachable) return text;
  std::size_t command_width = 0;
  std::size_t response_width = 0;
  for (const auto& line : failure.story) {
    command_width = std::max(command_width, line.command.size());
    response_width = std::max(response_width, line.response.size());
  }
  const std::size_t number_width = std::to_string(failure.story.size()).size() + 2;
  text += right_aligned("0", number_width) + "  " + padded("", command_width + 4 + response_width) + "  " +
          failure.first_state + "\n";
  for (std::size_t i = 0; i < failure.story.size(); ++i) {
    const auto& line = failure.story[i];
    text += right_aligned(std::to_string(i + 1), number_width) + "  " + padded(line.command, command_width) + " -> " +
            padded(line.response, response_width) + "   " + line.state + "\n";
  }
  return text;
}

std::string to_text(const check_report& report) {
  std::string text = claims("always     ", report.invariants) + claims("each step  ", report.step_invariants) +
                     landmark_lines(report.landmarks);
  text += grouped(report.states) + " states, " + grouped(report.transitions) + " transitions, depth " +
          grouped(report.depth) + ", " + grouped(report.resting) + " states at rest, " +
          grouped((report.memory_bytes + (1U << 20U) - 1) >> 20U) + " MiB\n";
  return text + verdict_line(report);
}

}  // namespace wavetank::model

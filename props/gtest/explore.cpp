#include <wavetank/props/explore.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <wavetank/props/gtest/caught_failures.h>
#include <wavetank/props/gtest/replay_request.h>
#include <wavetank/sim/scenario_property.h>

namespace wavetank {

namespace {

constexpr const char* explorations = "wavetank_explorations";

std::string own_name() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  return test == nullptr ? "scenario" : std::string(test->test_suite_name()) + "." + test->name();
}

/// `Suite.Name`, and `Suite.Name#2` for the second exploration of a test. The count is a property of the test's result,
/// which begins anew when the test is repeated.
std::string next_name() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return own_name();
  int before = 0;
  for (int i = 0; i < test->result()->test_property_count(); ++i) {
    const auto& property = test->result()->GetTestProperty(i);
    if (std::string_view(property.key()) == explorations) before = std::atoi(property.value());
  }
  testing::Test::RecordProperty(explorations, before + 1);
  return before == 0 ? own_name() : own_name() + "#" + std::to_string(before + 1);
}

void fail_the_test(const std::string& message) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) {
    ADD_FAILURE() << message;
  } else {
    ADD_FAILURE_AT(test->file(), test->line()) << message;
  }
}

/// A file name of letters that every shell leaves alone.
std::string file_name(const sim::trace& t) {
  std::string name = t.property;
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.';
    if (!plain) c = '_';
  }
  std::array<char, 16> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), t.hash, 16);
  return name + "-" + std::string(digits.data(), end) + ".trace";
}

/// Whole or not at all; the path, or nothing.
std::optional<std::string> keep(const sim::trace& t) {
  const char* chosen = std::getenv("WAVETANK_TRACES");
  const std::filesystem::path directory = chosen != nullptr && *chosen != '\0' ? chosen : "wavetank-traces";
  const auto path = directory / file_name(t);
  const auto partial = std::filesystem::path(path.string() + ".partial");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  std::ofstream out(partial, std::ios::binary | std::ios::trunc);
  out << sim::to_text(t);
  out.close();
  if (out) std::filesystem::rename(partial, path, error);
  if (out && !error) return path.string();
  std::filesystem::remove(partial, error);
  return std::nullopt;
}

std::string in_words(const sim::verdict& v) { return std::string(to_string(v.kind)) + ": " + v.message; }

std::string report(const sim::campaign_failure& failure, std::uint64_t seed) {
  std::ostringstream text;
  text << in_words(failure.what) << "\n  after " << failure.execution + 1 << " schedules (strategy "
       << failure.smallest.strategy << ", seed " << seed << ")\n\n"
       << failure.told << "\n";
  if (const auto path = keep(failure.smallest)) {
    text << "  trace   " << *path << "\n  replay  " << gtest::program_name() << " --gtest_filter=" << own_name()
         << " --wavetank_replay=" << *path << "\n";
  } else {
    text << "  the trace could not be written; name a directory for it in WAVETANK_TRACES\n";
  }
  return text.str();
}

/// The trace in `file`, or a failure of the test.
std::optional<sim::trace> read_trace(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) {
    fail_the_test(file + " cannot be read; check the name given to --wavetank_replay");
    return std::nullopt;
  }
  auto parsed = sim::parse_trace(text.str());
  if (parsed) return std::move(*parsed);
  fail_the_test(file + ":" + std::to_string(parsed.error().line) + ": " + parsed.error().message);
  return std::nullopt;
}

explore_result replay(const sim::scenario_property& p, const sim::trace& t) {
  const auto what = p.parse(t.commands);
  if (!what) {
    fail_the_test(what.error());
    return {{}, false};
  }
  const auto again = sim::replay(p, t, *what, false);
  explore_result out;
  out.campaign.executions = 1;
  out.campaign.steps = again.result.steps;
  out.campaign.decisions = again.decisions.size();
  out.passed = !again.result.what.failed();
  if (!out.passed) fail_the_test("replayed: " + in_words(again.result.what) + "\n\n" + again.told);
  return out;
}

}  // namespace

explore_result explore(std::function<void(sim::world&)> scenario, const explore_options& options) {
  const std::string name = next_name();
  auto body = gtest::catching_failures(std::move(scenario));
  if (const auto file = gtest::requested_replay()) {
    const auto t = read_trace(*file);
    if (!t) return {{}, false};
    if (t->property == name) return replay(sim::scenario_property(name, std::move(body), options.budget), *t);
  }
  if (options.strategy != "auto" && options.strategy != "mix") {
    if (const auto made = sim::make_strategy(options.strategy); !made) {
      fail_the_test(made.error() + ", auto");
      return {{}, false};
    }
  }
  explore_result out;
  out.campaign = explore_quietly(std::move(body), options, name);
  out.passed = !out.campaign.failed();
  for (const auto& warning : out.campaign.warnings) std::cout << "[ WAVETANK ] " << warning << "\n";
  if (!out.passed) fail_the_test(report(*out.campaign.failure, options.seed));
  return out;
}

}  // namespace wavetank

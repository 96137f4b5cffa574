// Traces are untrusted input: whatever is wrong with one is said with its line.
#include <gtest/gtest.h>

#include <wavetank/sim/random.h>
#include <wavetank/sim/trace.h>

namespace wavetank::sim::trace_test {
namespace {

trace sample() {
  trace t;
  t.property = "semaphore.counting.concurrent";
  t.seed = 5821;
  t.strategy = "pct(3)";
  t.bounds.kills = 1;
  t.bounds.start_barrier = true;
  t.expected = {verdict_kind::lost_wakeup, "B waits for a notification that nobody is left to give"};
  t.commands = {"A acquire 1", "B release"};
  labelled_decision calm;
  labelled_decision jump{
      decision_kind::schedule, false, transition(transition::what::kill, 2).code(), 3, "B", {"A", "lock", "mutex", 2},
      0x5A3F90C1E77B0F12};
  labelled_decision notify{decision_kind::notify, false, 1, 2, "", {"A", "notify", "-", 1}, 7};
  for (int i = 0; i < 11; ++i) t.decisions.push_back({calm, false, false, 0});
  t.decisions.push_back({jump, true, true, 0});
  t.decisions.push_back({notify, true, true, 0});
  t.decisions.push_back({calm, false, false, 0});
  t.hash = 0x90D1C1E2A3B4C5D6;
  t.steps = 57;
  return t;
}

std::string error_of(const std::string& text) {
  const auto t = parse_trace(text);
  return t ? "no error" : std::to_string(t.error().line) + ": " + t.error().message;
}

std::string with_line(std::size_t line, const std::string& replacement) {
  std::string text = to_text(sample());
  std::size_t at = 0;
  for (std::size_t i = 1; i < line; ++i) at = text.find('\n', at) + 1;
  return text.replace(at, text.find('\n', at) - at, replacement);
}

TEST(trace, goes_through_text_unchanged) {
  const std::string text = to_text(sample());
  const auto parsed = parse_trace(text);
  ASSERT_TRUE(parsed) << error_of(text);
  EXPECT_EQ(to_text(*parsed), text);
  EXPECT_EQ(parsed->commands, sample().commands);
  EXPECT_EQ(parsed->bounds, sample().bounds);
  EXPECT_EQ(parsed->decisions.size(), 14u);
}

TEST(trace, is_run_length_coded) {
  const std::string text = to_text(sample());
  EXPECT_NE(text.find("\n= 11\nkill B 2 of 3 at A/lock/mutex/2 5a3f90c1e77b0f12\nnotify - 1 of 2"), std::string::npos)
      << text;
}

TEST(trace, errors_name_the_line) {
  EXPECT_EQ(error_of(""), "1: the file is empty; a trace starts with 'wavetank-trace 1'");
  EXPECT_EQ(error_of("#!/bin/sh\n"), "1: this is no trace: it does not start with 'wavetank-trace'");
  EXPECT_EQ(error_of(with_line(1, "wavetank-trace 9")),
            "1: format 9 is newer than 1, which this build reads; use a newer wavetank");
  EXPECT_EQ(error_of(with_line(3, "seed five")), "3: 'seed NUMBER' is expected here");
  EXPECT_EQ(error_of(with_line(6, "expect disaster now")), "6: 'expect VERDICT MESSAGE' is expected here");
  EXPECT_EQ(error_of(with_line(9, "decisions 99999999999")), "9: more decisions than any trace has");
  EXPECT_EQ(error_of(with_line(10, "= 4000000000")), "10: more decisions than the 14 announced, or no number");
  EXPECT_EQ(error_of(with_line(11, "dance B 2 of 3 at A/lock/mutex/2 5a3f90c1e77b0f12")),
            "11: 'dance' is no kind of decision");
  EXPECT_EQ(error_of(with_line(11, "run B 99999 of 3 at A/lock/mutex/2 5a3f90c1e77b0f12")),
            "11: the choice is not a number below 65536");
  EXPECT_EQ(error_of(to_text(sample()) + "more\n"), "16: nothing may follow the last line");
}

TEST(trace, every_truncation_is_an_error) {
  const std::string text = to_text(sample());
  for (std::size_t n = 0; n + 1 < text.size(); ++n) EXPECT_NE(error_of(text.substr(0, n)), "no error") << n << " bytes";
}

TEST(trace, every_altered_byte_is_an_error) {
  const std::string text = to_text(sample());
  for (std::size_t n = 0; n + 1 < text.size(); ++n) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string altered = text;
      altered[n] = static_cast<char>(altered[n] ^ flip);
      // The case of a hexadecimal digit carries nothing.
      if (std::tolower(altered[n]) == std::tolower(text[n]) && std::isxdigit(static_cast<unsigned char>(text[n])))
        continue;
      EXPECT_NE(error_of(altered), "no error") << "byte " << n << ": " << altered;
    }
  }
}

TEST(trace, hostile_text_never_crashes_the_parser) {
  const std::string text = to_text(sample());
  generator g{3};
  for (int round = 0; round < 20'000; ++round) {
    std::string hostile = text;
    for (std::uint32_t i = 0, n = 1 + g.below(6); i < n; ++i) {
      const std::size_t at = g.below(static_cast<std::uint32_t>(hostile.size()));
      switch (g.below(4)) {
        case 0:
          hostile[at] = static_cast<char>(g.below(256));
          break;
        case 1:
          hostile.erase(at, g.below(20));
          break;
        case 2:
          hostile.insert(at, hostile.substr(g.below(static_cast<std::uint32_t>(at + 1)), g.below(40)));
          break;
        default:
          hostile.insert(at, std::to_string(g()));
          break;
      }
      if (hostile.empty()) hostile = "w";
    }
    static_cast<void>(parse_trace(hostile, true));
  }
}

}  // namespace
}  // namespace wavetank::sim::trace_test

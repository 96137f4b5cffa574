// A trace that was cut or damaged anywhere is refused with a line, or is the same trace.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wavetank/sim/trace.h>

#include "run_command.h"

namespace wavetank::tools::bad_traces_test {
namespace {

/// The corpus, from the source root, where tests run.
std::vector<std::string> corpus() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator("traces")) {
    if (entry.path().extension() == ".trace") texts.push_back(content_of(entry.path().string()));
  }
  return texts;
}

void expect_a_line(const tl::expected<sim::trace, sim::trace_error>& parsed, const std::string& text) {
  ASSERT_FALSE(parsed);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  EXPECT_GE(parsed.error().line, 1u);
  EXPECT_LE(parsed.error().line, lines);
  EXPECT_FALSE(parsed.error().message.empty());
}

TEST(bad_trace, every_prefix_is_refused) {
  for (const auto& whole : corpus()) {
    ASSERT_TRUE(sim::parse_trace(whole));
    // The very last byte, the end of the last line, may be missing.
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      expect_a_line(sim::parse_trace(cut), cut);
    }
  }
}

TEST(bad_trace, every_damaged_byte_is_noticed) {
  for (const auto& whole : corpus()) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (const int bit : {0, 3, 7}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        expect_a_line(sim::parse_trace(damaged), damaged);
      }
    }
  }
}

TEST(bad_trace, damage_that_edits_may_make_never_crashes_the_parser) {
  for (const auto& whole : corpus()) {
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      const auto parsed = sim::parse_trace(damaged, true);
      if (!parsed) expect_a_line(parsed, damaged);
    }
  }
}

TEST(bad_trace, what_follows_the_end_is_refused) {
  for (const auto& whole : corpus()) {
    expect_a_line(sim::parse_trace(whole + "more\n"), whole + "more\n");
    expect_a_line(sim::parse_trace(whole + whole), whole + whole);
  }
}

TEST(bad_trace, a_newer_format_says_so) {
  const auto parsed = sim::parse_trace("wavetank-trace 2\nproperty x\n");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().line, 1u);
  EXPECT_NE(parsed.error().message.find("newer"), std::string::npos);
}

}  // namespace
}  // namespace wavetank::tools::bad_traces_test

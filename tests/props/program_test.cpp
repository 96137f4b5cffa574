// Programs as values: text, parser, generator, shrinker.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <wavetank/props/counting_semaphore_program.h>
#include <wavetank/props/merge_semaphore_program.h>
#include <wavetank/props/program/generate.h>
#include <wavetank/props/program/simplify.h>

namespace wavetank::props::program_test {
namespace {

std::vector<vocabulary> all_words() {
  return {counting_semaphore_words(2, 4, 4), counting_semaphore_words(0, 3, 8), merge_semaphore_words(2, 4, 4)};
}

std::string error_of(std::vector<std::string> lines) {
  const auto read = parse_program(lines, counting_semaphore_words(2, 4, 4));
  return read ? "" : read.error();
}

TEST(program, text_reads_back_as_the_same_program) {
  for (const vocabulary& words : all_words()) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
      const program drawn = draw_program(words, seed, static_cast<std::uint32_t>(seed % 101));
      const auto lines = to_lines(drawn, words);
      const auto read = parse_program(lines, words);
      ASSERT_TRUE(read) << read.error();
      EXPECT_EQ(to_lines(*read, words), lines);
      EXPECT_EQ(*read, drawn);
    }
  }
}

TEST(program, the_same_seed_draws_the_same_program_and_another_one_another) {
  const auto words = counting_semaphore_words(2, 4, 4);
  std::map<std::vector<std::string>, int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    EXPECT_EQ(draw_program(words, seed, 50), draw_program(words, seed, 50));
    ++seen[to_lines(draw_program(words, seed, 50), words)];
  }
  EXPECT_GT(seen.size(), 195u);
}

TEST(program, every_verb_is_drawn) {
  for (const vocabulary& words : all_words()) {
    std::vector<int> drawn(words.verbs.size());
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
      const program p = draw_program(words, seed, 100);
      for (const auto& branch : p.branches) {
        for (const step& s : branch) ++drawn[s.verb];
      }
      for (const step& s : p.prefix) ++drawn[s.verb];
    }
    EXPECT_EQ(std::count(drawn.begin(), drawn.end(), 0), 0);
  }
}

TEST(program, malformed_lines_are_refused_with_their_number) {
  EXPECT_EQ(error_of({"a acquire #1 weight=2", "b release permit=#1"}), "");
  EXPECT_EQ(error_of({"a acquire #1", "z release permit=#1"}), "command 2: 'z' is no task of this property");
  EXPECT_EQ(error_of({"a grab #1"}), "command 1: 'grab' is no command of this component");
  EXPECT_EQ(error_of({"a acquire"}), "command 1: '' is no label of a result, #1 to #9999");
  EXPECT_EQ(error_of({"a acquire #01"}), "command 1: '#01' is no label of a result, #1 to #9999");
  EXPECT_EQ(error_of({"a acquire #1", "b acquire #1"}), "two steps yield #1");
  EXPECT_EQ(error_of({"a acquire #1", "with limit=2"}), "command 2: the settings must come first");
  for (const char* line :
       {"", " ", "a", "with limit=0", "with limit=99", "a acquire #1 weight",
        "a acquire #1 weight=", "a acquire #1 weight=-1", "a acquire #1 weight=1x",
        "a acquire #1 weight=99999999999999999999", "a acquire #1 stop=1 weight=2", "a acquire #1 weight=2 weight=2",
        "a acquire #99999", "a transfer permit=1 to=b", "a transfer permit=#1 to=x",
        "a transfer permit=#1 to=", "a close now", "a\tclose", "main acquire #1  weight=2"}) {
    EXPECT_NE(error_of({line}), "") << '"' << line << '"';
  }
}

TEST(program, bytes_of_any_kind_do_not_break_the_parser) {
  const auto words = counting_semaphore_words(2, 4, 4);
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    auto lines = to_lines(draw_program(words, seed, 60), words);
    if (lines.empty()) continue;
    std::string& line = lines[seed % lines.size()];
    if (line.empty()) continue;
    line[(seed * 7) % line.size()] = static_cast<char>(seed * 37);
    if (const auto read = parse_program(lines, words)) {
      EXPECT_TRUE(parse_program(to_lines(*read, words), words));
    }
  }
}

TEST(program, every_simplification_differs_and_reads_back) {
  const auto words = counting_semaphore_words(2, 4, 4);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const program from = draw_program(words, seed, 100);
    for (const program& simpler : simpler_programs(from, words)) {
      EXPECT_NE(simpler, from);
      EXPECT_EQ(parse_program(to_lines(simpler, words), words).value(), simpler);
    }
  }
}

TEST(program, rapidcheck_shrinks_it_to_the_one_step_that_matters) {
  const auto words = counting_semaphore_words(2, 4, 4);
  const auto closes = [](const program& p) {
    return std::any_of(p.branches.begin(), p.branches.end(), [](const auto& branch) {
      return std::any_of(branch.begin(), branch.end(),
                         [](const step& s) { return s.verb == static_cast<std::uint32_t>(counting_verb::close); });
    });
  };
  int shrunk = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    auto found = program_generator{words}(rc::Random(seed), 100);
    if (!closes(found.value())) continue;
    for (bool smaller = true; smaller;) {
      smaller = false;
      auto candidates = found.shrinks();
      while (auto next = candidates.next()) {
        if (!closes(next->value())) continue;
        found = *next;
        smaller = true;
        break;
      }
    }
    ++shrunk;
    const auto lines = to_lines(found.value(), words);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find(" close"), std::string::npos);
  }
  EXPECT_GT(shrunk, 5);
}

}  // namespace
}  // namespace wavetank::props::program_test

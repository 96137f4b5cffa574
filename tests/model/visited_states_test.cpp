// Storage of states: nothing is lost, nothing is taken for something else.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>

#include <wavetank/model/checker/visited_states.h>
#include <wavetank/model/sorted_map.h>

namespace wavetank::model::visited_states_test {
namespace {

struct pair_state {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};
template <class Sink>
void for_each_word(const pair_state& s, Sink&& sink) {
  sink(s.first);
  sink(s.second);
}
/// Few values, so that many states share one.
std::size_t hash_value(const pair_state& s) { return (s.first + s.second) % 3; }

TEST(visited_states, numbers_states_in_the_order_of_their_first_visit) {
  visited_states<pair_state> visited;
  EXPECT_EQ(visited.enter({1, 2}), (std::pair<std::uint32_t, bool>{0, true}));
  EXPECT_EQ(visited.enter({2, 1}), (std::pair<std::uint32_t, bool>{1, true}));
  EXPECT_EQ(visited.enter({1, 2}), (std::pair<std::uint32_t, bool>{0, false}));
  EXPECT_EQ(visited.size(), 2U);
}

TEST(visited_states, keeps_states_of_equal_hash_apart_while_it_grows) {
  visited_states<pair_state> visited;
  for (std::uint64_t a = 0; a < 40; ++a) {
    for (std::uint64_t b = 0; b < 40; ++b) EXPECT_TRUE(visited.enter({a, b}).second);
  }
  for (std::uint64_t a = 0; a < 40; ++a) {
    for (std::uint64_t b = 0; b < 40; ++b) EXPECT_EQ(visited.enter({a, b}).first, a * 40 + b);
  }
}

TEST(visited_states, takes_few_bytes_for_small_words) {
  visited_states<pair_state> visited;
  for (std::uint64_t a = 0; a < 1000; ++a) visited.enter({a % 100, a / 100});
  EXPECT_LT(visited.memory_bytes(), 1000U * (2 + 8 + 16) * 2);
}

TEST(words, different_rows_have_different_bytes) {
  std::set<std::string> seen;
  std::size_t rows = 0;
  const std::uint64_t interesting[] = {0, 1, 127, 128, 129, 16383, 16384, ~std::uint64_t{0}};
  for (const auto a : interesting) {
    for (const auto b : interesting) {
      std::string bytes;
      EXPECT_EQ(append_words(pair_state{a, b}, bytes), 2U);
      seen.insert(bytes);
      ++rows;
    }
  }
  EXPECT_EQ(seen.size(), rows);
}

TEST(sorted_map, equal_contents_are_equal_whatever_their_history) {
  sorted_map<int, int> one;
  one.put(2, 20);
  one.put(1, 10);
  one.put(3, 30);
  EXPECT_TRUE(one.erase(3));
  EXPECT_FALSE(one.erase(3));
  sorted_map<int, int> other;
  other.put(1, 11);
  other.put(1, 10);
  other.put(2, 20);
  EXPECT_EQ(one, other);
  EXPECT_EQ(*other.find(2), 20);
  EXPECT_EQ(other.find(3), nullptr);
}

}  // namespace
}  // namespace wavetank::model::visited_states_test

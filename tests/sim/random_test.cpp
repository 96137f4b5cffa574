// The generator is sound, and the seeds of neighbouring executions are mixed.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <set>

#include "programs.h"

namespace wavetank::sim::random_test {
namespace {

TEST(generator, matches_the_published_output) {
  // xoshiro256** from the state {1, 2, 3, 4}: the reference implementation's first outputs.
  struct exposed {
    std::uint64_t s[4] = {1, 2, 3, 4};
  } state;
  auto g = std::bit_cast<generator>(state);
  EXPECT_EQ(g(), 11520u);
  EXPECT_EQ(g(), 0u);
  EXPECT_EQ(g(), 1509978240u);
  EXPECT_EQ(g(), 1215971899390074240u);
}

TEST(generator, reaches_all_two_way_choices_of_sixteen_steps) {
  // A 32-bit linear congruential generator reaches 4.5 % of them.
  std::set<std::uint32_t> reached;
  for (std::uint64_t seed = 0; seed < 2'000'000 && reached.size() < 65'536; ++seed) {
    generator g{execution_seed(1, seed)};
    std::uint32_t path = 0;
    for (int i = 0; i < 16; ++i) path = path << 1 | g.below(2);
    reached.insert(path);
  }
  EXPECT_EQ(reached.size(), 65'536u);
}

TEST(generator, neighbouring_executions_share_nothing) {
  // For each bit of the first outputs: neighbours agree half of the time. 6 sigma of 4096 draws is 0.047.
  for (int bit = 0; bit < 64; ++bit) {
    int agree = 0;
    for (std::uint64_t i = 0; i < 4096; ++i) {
      generator a{substream(execution_seed(9, i), "schedule")};
      generator b{substream(execution_seed(9, i + 1), "schedule")};
      agree += ((a() ^ b()) >> bit & 1) == 0 ? 1 : 0;
    }
    EXPECT_NEAR(agree / 4096.0, 0.5, 0.047) << "bit " << bit;
  }
}

TEST(generator, below_is_uniform) {
  generator g{5};
  std::array<int, 7> counts{};
  constexpr int draws = 70'000;
  for (int i = 0; i < draws; ++i) ++counts[g.below(7)];
  double chi = 0;
  for (const int c : counts) chi += (c - 10'000.0) * (c - 10'000.0) / 10'000.0;
  EXPECT_LT(chi, 35);  // 6 degrees of freedom: 35 has a chance of 4e-6 for a fair generator
}

TEST(random_walk, takes_every_interleaving_of_a_small_program_alike) {
  // 2 x 2 strangers: the walk chooses among both tasks at each step while both can run, so the six interleavings have
  // the chances 1/4 (aabb, bbaa), 1/8 (abab, baba, abba, baab).
  std::map<std::string, int> seen;
  constexpr int runs = 20'000;
  programs::explore(
      [&](world& w) {
        atomic<int> x{0};
        std::string order;
        for (const char* name : {"a", "b"}) {
          w.spawn(name, [&, name] {
            for (int i = 0; i < 2; ++i) {
              x.fetch_add(1);
              order += name;
            }
          });
        }
        scheduler::here().open_barrier();
        w.join_all();
        ++seen[order];
      },
      "random", runs);
  int all = 0;
  for (const auto& [order, n] : seen) all += n;
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(all, runs);
  const double outer = seen["aabb"] + seen["bbaa"];
  EXPECT_NEAR(outer / runs, 0.5, 0.06);  // half of the runs start without a barrier, where `a` is a little ahead
}

}  // namespace
}  // namespace wavetank::sim::random_test

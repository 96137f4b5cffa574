// Reads without the lock: the index's cells, and readers beside writers on real threads.
#include "table_lab.h"

namespace wavetank::test::readers_test {
namespace {

class IndexProbes : public table_lab {
 protected:
  void put(unsigned n) {
    ASSERT_TRUE(table.insert_available(key_of(n), cache_tier::ram, memory_content()).has_value());
  }
};

TEST_F(IndexProbes, GoOnBehindAnEmptiedCell) {
  for (const unsigned n : {16u, 32u, 48u}) put(n);  // all begin at the same of 16 cells
  table.evict(key_of(16));
  EXPECT_FALSE(readable(16));
  EXPECT_TRUE(readable(32));
  EXPECT_TRUE(readable(48));
  put(48);
  table.evict(key_of(48));
  EXPECT_FALSE(readable(48)) << "a replaced row had two cells";
  put(16);
  EXPECT_TRUE(readable(16));
  EXPECT_TRUE(readable(32));
}

TEST_F(IndexProbes, SurviveGrowth) {
  for (unsigned n = 0; n < 256; ++n) put(n);
  for (unsigned n = 0; n < 256; ++n) EXPECT_TRUE(readable(n)) << n;
  for (unsigned n = 0; n < 256; n += 2) table.evict(key_of(n));
  for (unsigned n = 0; n < 256; ++n) EXPECT_EQ(readable(n), n % 2 == 1) << n;
}

class Readers : public table_lab {};

TEST_F(Readers, SeeWholeRowsBesideWriters) {
  constexpr int rounds = 20'000;
  std::atomic<bool> over{false};
  std::vector<lab_runtime::task> readers;
  for (int i = 0; i < 2; ++i) {
    readers.push_back(world.spawn("reader", [&] {
      while (!over) {
        for (unsigned n = 1; n <= 3; ++n) {
          const auto row = table.lookup_exact(key_of(n));
          if (!row) continue;
          EXPECT_EQ(row->key, key_of(n));
          EXPECT_EQ(row->content.bytes->size(), row->content.size_bytes);
        }
      }
    }));
  }
  for (int i = 0; i < rounds; ++i) {
    const unsigned n = 1 + static_cast<unsigned>(i) % 3;
    EXPECT_TRUE(table.insert_available(key_of(n), cache_tier::ram, memory_content(1 + n)).has_value());
    if (i % 5 == 0) table.evict(key_of(n));
  }
  over = true;
  for (auto& reader : readers) reader.join();
  table.gc();
  EXPECT_EQ(table.counters().bytes_in_use[0], 0u);
}

}  // namespace
}  // namespace wavetank::test::readers_test

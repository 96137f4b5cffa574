// Nothing is freed under a reader without a lock, and everything once nobody reads: every schedule of small scenarios.
#include <wavetank/impl/cache/table/read_epochs.h>
#include <wavetank/props/explore.h>

#include <array>
#include <cstdint>
#include <memory>

#include <gtest/gtest.h>

namespace wavetank::test::read_epochs_test {
namespace {

using epochs = table_detail::read_epochs<sim::runtime>;

/// A table of one row, which is replaced under its readers.
class one_row {
 public:
  /// Looks the row up and uses it, so often.
  void read(int times) {
    epochs::slot mine;
    join(mine);
    for (int i = 0; i < times; ++i) {
      const epochs::reading inside{epochs_, mine};
      const auto row = current_.load(std::memory_order_seq_cst);
      sim::runtime::point("a row is used");
      sim::require(!freed_[row], "a row was freed under its reader");
    }
    leave(mine);
  }

  void replace() {
    const std::lock_guard lock{mutex_};
    unlink();
    collect();
  }

  /// It is inside when it is looked what can be freed.
  void replace_before_a_reader_comes() {
    epochs::slot mine;
    join(mine);
    unlink();
    {
      const epochs::reading inside{epochs_, mine};
      collect();
      sim::require(freed_[0], "what was unlinked before a reader came is kept for it");
    }
    leave(mine);
  }

  /// With nobody inside.
  void require_all_freed() {
    collect();
    for (std::uint64_t row = 0; row < current_.load(); ++row) sim::require(freed_[row], "a row is never freed");
  }

 private:
  std::shared_ptr<const void> row(std::uint64_t number) {
    return {this, [this, number](const void*) { freed_[number] = true; }};
  }
  void unlink() {
    const auto old = current_.load(std::memory_order_relaxed);
    current_.store(old + 1, std::memory_order_seq_cst);
    epochs_.retire(row(old));
  }
  void collect() {
    table_detail::garbage gone;
    epochs_.collect(gone);
  }
  void join(epochs::slot& mine) {
    const std::lock_guard lock{mutex_};
    epochs_.join(mine);
  }
  void leave(epochs::slot& mine) {
    const std::lock_guard lock{mutex_};
    epochs_.leave(mine);
  }

  std::array<bool, 8> freed_{};
  sim::runtime::mutex mutex_;
  sim::runtime::atomic<std::uint64_t> current_{0};
  epochs epochs_;
};

explore_result explore_readers(int readers, int reads, int replacements) {
  return explore(
      [=](sim::world& w) {
        one_row table;
        for (int i = 0; i < readers; ++i) w.spawn("reader", [&] { table.read(reads); });
        w.spawn("writer", [&] {
          for (int i = 0; i < replacements; ++i) table.replace();
        });
        w.join_all();
        table.require_all_freed();
      },
      {.schedules = 200'000});
}

TEST(simulated_read_epochs, free_nothing_under_a_reader) {
  EXPECT_TRUE(explore_readers(1, 1, 2).campaign.exhausted);
  EXPECT_TRUE(explore_readers(1, 2, 1).campaign.exhausted);
}

TEST(simulated_read_epochs, keep_nothing_for_a_reader_that_came_later) {
  explore([](sim::world&) {
    one_row table;
    table.replace_before_a_reader_comes();
  });
}

TEST(simulated_read_epochs, free_nothing_under_several_readers) { explore_readers(2, 2, 3); }

}  // namespace
}  // namespace wavetank::test::read_epochs_test

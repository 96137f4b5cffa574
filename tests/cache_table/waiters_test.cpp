// Waiters are told once, in their order, whatever becomes of the key.
#include "table_lab.h"

namespace wavetank::test::waiters_test {
namespace {

class Waiters : public table_lab {
 protected:
  using answer = tl::expected<cached_row, miss_reason>;

  /// What a call that waits is answered while `function` runs.
  template <class F>
  answer while_waiting(F&& function) {
    std::optional<answer> heard;
    auto task = world.spawn("waiter", [&] { heard = table.lookup_exact_or_wait(key_of(1)); });
    while (table.dump(key_of(1))->waiters == 0) std::this_thread::yield();
    function();
    task.join();
    return *heard;
  }
};

TEST_F(Waiters, DoNotWaitWhereNobodyIsAtTheKey) {
  EXPECT_EQ(table.lookup_exact_or_wait(key_of(1)).error(), miss_reason::absent);
  const auto generation = available();
  EXPECT_EQ(table.lookup_exact_or_wait(key_of(1))->generation, generation);
}

TEST_F(Waiters, MakeOneAttemptAtAPassedDeadline) {
  reserved();
  EXPECT_EQ(table.lookup_exact_or_wait(key_of(1), set_clock::now()).error(), miss_reason::deadline);
  EXPECT_EQ(table.dump(key_of(1))->waiters, 0u);
}

TEST_F(Waiters, HearOfTheRow) {
  const auto token = published();
  EXPECT_TRUE(while_waiting([&] { EXPECT_TRUE(table.announce_saved(token, file_content(1)).has_value()); }));
}

TEST_F(Waiters, HearOfACancellation) {
  const auto token = published();
  EXPECT_EQ(while_waiting([&] { table.cancel_reservation(token); }).error(), miss_reason::cancelled);
}

TEST_F(Waiters, HearOfADeathOnceTheKeyIsRecovered) {
  std::atomic<bool> over{false};
  auto writer = world.spawn("writer", [&] {
    reserved();
    while (!over) std::this_thread::yield();
  });
  while (!status()) std::this_thread::yield();
  EXPECT_EQ(while_waiting([&] {
              over = true;
              writer.join();
              EXPECT_EQ(table.dump(key_of(1))->waiters, 1u);
              table.sweep();
            }).error(),
            miss_reason::owner_died);
}

TEST_F(Waiters, HearOfAnExpiry) {
  reserved();
  EXPECT_EQ(while_waiting([&] {
              let_expire();
              table.sweep();
            }).error(),
            miss_reason::expired);
}

TEST_F(Waiters, HearOfAnInvalidFile) {
  published();
  keeper.files[path_of(1)].valid = false;
  EXPECT_EQ(while_waiting([&] {
              let_expire();
              table.sweep();
            }).error(),
            miss_reason::invalid);
}

TEST_F(Waiters, HearOfAnAdoptedRow) {
  published();
  EXPECT_TRUE(while_waiting([&] {
    let_expire();
    EXPECT_EQ(reserve_refused(), reserve_refusal::already_present);
  }));
}

TEST_F(Waiters, WaitForAnEviction) {
  available();
  answer heard = tl::make_unexpected(miss_reason::absent);
  keeper.stuck.insert(path_of(1));
  EXPECT_EQ(table.evict(key_of(1)).failed.size(), 1u);
  heard = while_waiting([&] {
    keeper.stuck.clear();
    table.sweep();
  });
  EXPECT_EQ(heard.error(), miss_reason::evicted);
}

}  // namespace
}  // namespace wavetank::test::waiters_test

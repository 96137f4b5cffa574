// Death notices: monitors and attachments, on every world.
#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/worlds.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace wavetank::conformance::death_test {
namespace {

template <class World>
class monitor : public ::testing::Test {};
TYPED_TEST_SUITE(monitor, worlds, world_names);

TYPED_TEST(monitor, is_told_when_the_task_returns_and_before_it_is_joined) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> go;
    auto told = std::make_shared<int>(0);
    auto t = r.spawn("mortal", [&] { go.pass(); });
    const typename R::monitor watch{r, t.id(), [told] { ++*told; }};
    EXPECT_TRUE(watch.armed());
    go.open();
    t.join();
    EXPECT_EQ(*told, 1);
  });
}

TYPED_TEST(monitor, is_told_when_an_exception_ends_the_task) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> go;
    auto told = std::make_shared<int>(0);
    auto t = r.spawn("mortal", [&] {
      go.pass();
      throw std::runtime_error("end");
    });
    const typename R::monitor watch{r, t.id(), [told] { ++*told; }};
    go.open();
    EXPECT_THROW(t.join(), std::runtime_error);
    EXPECT_EQ(*told, 1);
  });
}

TYPED_TEST(monitor, is_told_on_the_dying_task_after_its_body_has_unwound) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    struct facts {
      bool unwound = false;
      bool unwound_when_told = false;
      task_id teller;
    };
    gate<R> go;
    auto seen = std::make_shared<facts>();
    auto t = r.spawn("mortal", [&] {
      struct last_words {
        facts& f;
        ~last_words() { f.unwound = true; }
      } const words{*seen};
      go.pass();
    });
    const task_id id = t.id();
    const typename R::monitor watch{r, id, [seen, &r] {
                                      seen->unwound_when_told = seen->unwound;
                                      seen->teller = r.current_task();
                                    }};
    go.open();
    t.join();
    EXPECT_TRUE(seen->unwound_when_told);
    EXPECT_EQ(seen->teller, id);
  });
}

TYPED_TEST(monitor, every_monitor_of_a_task_is_told_once) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> go;
    auto told = std::make_shared<std::vector<int>>(3, 0);
    auto t = r.spawn("mortal", [&] { go.pass(); });
    std::vector<typename R::monitor> watchers;
    for (std::size_t i = 0; i < 3; ++i) watchers.emplace_back(r, t.id(), [told, i] { ++(*told)[i]; });
    go.open();
    t.join();
    EXPECT_EQ(*told, (std::vector<int>{1, 1, 1}));
  });
}

TYPED_TEST(monitor, of_a_dead_task_is_not_armed_and_never_told) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto told = std::make_shared<int>(0);
    auto t = r.spawn("mortal", [] {});
    const task_id id = t.id();
    t.join();
    const typename R::monitor watch{r, id, [told] { ++*told; }};
    EXPECT_FALSE(watch.armed());
    EXPECT_EQ(*told, 0);
  });
}

TYPED_TEST(monitor, of_nobody_is_not_armed) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    const typename R::monitor watch{r, task_id{}, [] {}};
    EXPECT_FALSE(watch.armed());
  });
}

TYPED_TEST(monitor, that_was_disarmed_or_destroyed_is_not_told) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> go;
    auto told = std::make_shared<int>(0);
    auto t = r.spawn("mortal", [&] { go.pass(); });
    typename R::monitor disarmed{r, t.id(), [told] { ++*told; }};
    disarmed.disarm();
    EXPECT_FALSE(disarmed.armed());
    {
      const typename R::monitor destroyed{r, t.id(), [told] { ++*told; }};
    }
    go.open();
    t.join();
    EXPECT_EQ(*told, 0);
  });
}

TYPED_TEST(monitor, moves) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    gate<R> go;
    auto told = std::make_shared<int>(0);
    auto t = r.spawn("mortal", [&] { go.pass(); });
    typename R::monitor first{r, t.id(), [told] { ++*told; }};
    const typename R::monitor second = std::move(first);
    EXPECT_TRUE(second.armed());
    go.open();
    t.join();
    EXPECT_EQ(*told, 1);
  });
}

/// Says into a record what happens to it.
struct fate {
  int deaths = 0;
  int drops = 0;
  bool dropped_before_death = false;
};
class witness final : public attachment {
 public:
  explicit witness(std::shared_ptr<fate> f) : fate_(std::move(f)) {}
  ~witness() override {
    ++fate_->drops;
    fate_->dropped_before_death = fate_->deaths == 0;
  }
  void owner_died() noexcept override { ++fate_->deaths; }

 private:
  std::shared_ptr<fate> fate_;
};

template <class World>
class attachments : public ::testing::Test {};
TYPED_TEST_SUITE(attachments, worlds, world_names);

TYPED_TEST(attachments, are_found_by_their_own_task_alone) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    const std::uint64_t key = r.new_key();
    EXPECT_EQ(r.attached(key), nullptr);
    auto kept = std::make_unique<witness>(std::make_shared<fate>());
    attachment* const expected = kept.get();
    r.attach(key, std::move(kept));
    EXPECT_EQ(r.attached(key), expected);
    r.spawn("other", [&] { EXPECT_EQ(r.attached(key), nullptr); }).join();
    r.detach(key);
    EXPECT_EQ(r.attached(key), nullptr);
  });
}

TYPED_TEST(attachments, of_many_keys_do_not_mix) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    std::vector<std::pair<std::uint64_t, attachment*>> all;
    for (int i = 0; i < 60; ++i) {
      auto kept = std::make_unique<witness>(std::make_shared<fate>());
      all.emplace_back(r.new_key(), kept.get());
      r.attach(all.back().first, std::move(kept));
    }
    for (const auto& [key, expected] : all) EXPECT_EQ(r.attached(key), expected);
    for (const auto& [key, expected] : all) r.detach(key);
    for (const auto& [key, expected] : all) EXPECT_EQ(r.attached(key), nullptr);
  });
}

TYPED_TEST(attachments, are_told_of_the_death_once_and_then_dropped) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto seen = std::make_shared<fate>();
    const std::uint64_t key = r.new_key();
    r.spawn("mortal", [&] { r.attach(key, std::make_unique<witness>(seen)); }).join();
    EXPECT_EQ(seen->deaths, 1);
    EXPECT_EQ(seen->drops, 1);
    EXPECT_FALSE(seen->dropped_before_death);
  });
}

TYPED_TEST(attachments, are_told_when_an_exception_ends_the_task) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto seen = std::make_shared<fate>();
    const std::uint64_t key = r.new_key();
    auto t = r.spawn("mortal", [&] {
      r.attach(key, std::make_unique<witness>(seen));
      throw 1;
    });
    EXPECT_THROW(t.join(), int);
    EXPECT_EQ(seen->deaths, 1);
  });
}

TYPED_TEST(attachments, that_are_detached_are_dropped_without_a_notice) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    auto seen = std::make_shared<fate>();
    const std::uint64_t key = r.new_key();
    r.spawn("mortal", [&] {
       r.attach(key, std::make_unique<witness>(seen));
       r.detach(key);
       r.detach(key);
     }).join();
    EXPECT_EQ(seen->deaths, 0);
    EXPECT_EQ(seen->drops, 1);
  });
}

}  // namespace
}  // namespace wavetank::conformance::death_test

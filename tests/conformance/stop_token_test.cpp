// Stop tokens, on every world.
#include <wavetank/tests/conformance/gate.h>
#include <wavetank/tests/conformance/worlds.h>

#include <memory>
#include <optional>
#include <utility>

namespace wavetank::conformance::stop_token_test {
namespace {

template <class World>
class stop_token : public ::testing::Test {};
TYPED_TEST_SUITE(stop_token, worlds, world_names);

TYPED_TEST(stop_token, of_nobody_cannot_stop) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    const typename R::stop_token token;
    EXPECT_FALSE(token.stop_possible());
    EXPECT_FALSE(token.stop_requested());
  });
}

TYPED_TEST(stop_token, says_that_stop_was_requested_and_the_first_request_counts) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::stop_source source;
    const auto token = source.get_token();
    EXPECT_TRUE(token.stop_possible());
    EXPECT_FALSE(token.stop_requested());
    EXPECT_TRUE(source.request_stop());
    EXPECT_FALSE(source.request_stop());
    EXPECT_TRUE(token.stop_requested());
  });
}

/// Counts its calls.
struct counter {
  int* calls;
  void operator()() const noexcept { ++*calls; }
};

TYPED_TEST(stop_token, callbacks_run_once_within_the_request) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::stop_source source;
    int first_calls = 0;
    int second_calls = 0;
    const typename R::template stop_callback<counter> first{source.get_token(), counter{&first_calls}};
    const typename R::template stop_callback<counter> second{source.get_token(), counter{&second_calls}};
    EXPECT_EQ(first_calls + second_calls, 0);
    source.request_stop();
    EXPECT_EQ(first_calls, 1);
    EXPECT_EQ(second_calls, 1);
    source.request_stop();
    EXPECT_EQ(first_calls, 1);
  });
}

TYPED_TEST(stop_token, a_callback_that_comes_late_runs_at_once) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::stop_source source;
    source.request_stop();
    int calls = 0;
    const typename R::template stop_callback<counter> late{source.get_token(), counter{&calls}};
    EXPECT_EQ(calls, 1);
  });
}

TYPED_TEST(stop_token, a_callback_that_is_gone_does_not_run) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::stop_source source;
    int calls = 0;
    int others = 0;
    {
      const typename R::template stop_callback<counter> stays{source.get_token(), counter{&others}};
      { const typename R::template stop_callback<counter> gone{source.get_token(), counter{&calls}}; }
      source.request_stop();
    }
    EXPECT_EQ(calls, 0);
    EXPECT_EQ(others, 1);
  });
}

/// Holds up whoever asks to stop, until it is let go.
template <class R>
struct long_callback {
  gate<R>* begun;
  gate<R>* let_go;
  bool* ended;
  void operator()() const noexcept {
    begun->open();
    let_go->pass();
    *ended = true;
  }
};

TYPED_TEST(stop_token, the_end_of_a_callback_waits_for_its_run_on_another_task) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R& r) {
    typename R::stop_source source;
    gate<R> begun;
    gate<R> let_go;
    bool ended = false;
    std::optional<typename R::template stop_callback<long_callback<R>>> callback;
    callback.emplace(source.get_token(), long_callback<R>{&begun, &let_go, &ended});
    auto asker = r.spawn("asker", [&] { source.request_stop(); });
    auto releaser = r.spawn("releaser", [&] {
      begun.pass();
      let_go.open();
    });
    begun.pass();
    callback.reset();
    EXPECT_TRUE(ended);
    asker.join();
    releaser.join();
  });
}

/// Ends itself while it runs.
template <class R>
struct self_ending {
  std::optional<typename R::template stop_callback<self_ending>>* self;
  int* calls;
  void operator()() const noexcept {
    int* const counted = calls;
    self->reset();
    ++*counted;
  }
};

TYPED_TEST(stop_token, a_callback_may_end_itself) {
  using R = typename TypeParam::runtime;
  TypeParam::run([](R&) {
    typename R::stop_source source;
    int calls = 0;
    std::optional<typename R::template stop_callback<self_ending<R>>> callback;
    callback.emplace(source.get_token(), self_ending<R>{&callback, &calls});
    source.request_stop();
    EXPECT_EQ(calls, 1);
    EXPECT_FALSE(callback.has_value());
  });
}

}  // namespace
}  // namespace wavetank::conformance::stop_token_test

// The model checker itself: what it counts, what it finds, and when it admits that it does not know.
#include <gtest/gtest.h>

#include <string>

#include <wavetank/model/checker/model_checker.h>

namespace wavetank::model {
namespace counter_example {

/// A counter below 10 that may be raised by one or by three, and is done at nine: a whole model in twenty lines.
struct counter {
  struct state {
    unsigned at = 0;
    friend bool operator==(const state&, const state&) = default;
  };
  struct command {
    unsigned by;
  };
  struct response {
    unsigned now;
    friend bool operator==(const response&, const response&) = default;
  };

  bool stuck_at_five = false;

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, const command& c, Emit&& emit) const {
    if (s.at + c.by > 9 || (stuck_at_five && s.at == 5)) return;
    emit(response{s.at + c.by}, state{s.at + c.by});
  }

  template <class Yield>
  void for_each_command(const state&, Yield&& yield) const {
    yield(command{1});
    yield(command{3});
  }
};

/// Equal for all states: legal for a hash, and the worst one.
std::size_t hash_value(const counter::state&) { return 42; }
std::string describe(const counter::state& s) { return "at " + std::to_string(s.at); }
std::string describe(const counter::command& c) { return "add " + std::to_string(c.by); }
std::string describe(const counter::response& r) { return std::to_string(r.now); }

}  // namespace counter_example

namespace {

using counter_example::counter;

properties_of<counter> none_but_rest_at_nine() {
  properties_of<counter> claims;
  claims.may_rest = [](const counter::state& s) { return s.at == 9; };
  return claims;
}

TEST(model_checker, counts_states_transitions_and_depth) {
  const auto report = check(counter{}, none_but_rest_at_nine());
  EXPECT_EQ(report.verdict, check_verdict::holds);
  EXPECT_EQ(report.states, 10U);
  EXPECT_EQ(report.transitions, 9U + 7U);
  EXPECT_EQ(report.resting, 1U);
  EXPECT_EQ(report.depth, 4U);  // eight is the farthest: 3 + 3 + 1 + 1
}

TEST(model_checker, tells_states_of_equal_hash_apart) {
  auto claims = none_but_rest_at_nine();
  claims.reachable = {{"seven", [](const counter::state& s) { return s.at == 7; }}};
  const auto report = check(counter{}, claims);
  EXPECT_EQ(report.verdict, check_verdict::holds);
  EXPECT_EQ(report.states, 10U);
}

TEST(model_checker, tells_a_shortest_run_into_a_violated_invariant) {
  auto claims = none_but_rest_at_nine();
  claims.invariants = {{"never seven", [](const counter::state& s) { return s.at != 7; }}};
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::invariant);
  EXPECT_EQ(to_text(*report.failure),
            "violated after 3 steps: never seven\n"
            "  0              at 0\n"
            "  1  add 1 -> 1   at 1\n"
            "  2  add 3 -> 4   at 4\n"
            "  3  add 3 -> 7   at 7\n");
}

TEST(model_checker, judges_every_transition) {
  auto claims = none_but_rest_at_nine();
  claims.step_invariants = {{"from four nothing goes to seven",
                             [](const counter::state& before, const counter::command&, const counter::response&,
                                const counter::state& after) { return before.at != 4 || after.at != 7; }}};
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::step_invariant);
  EXPECT_EQ(report.failure->story.size(), 3U);
  EXPECT_EQ(report.failure->story.back(), (story_line{"add 3", "7", "at 7"}));
}

TEST(model_checker, finds_a_deadlock) {
  const auto report = check(counter{true}, none_but_rest_at_nine());
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::deadlock);
  EXPECT_EQ(report.failure->story.size(), 3U);
  EXPECT_EQ(report.failure->story.back().state, "at 5");
}

TEST(model_checker, takes_only_certain_commands_for_progress) {
  auto claims = none_but_rest_at_nine();
  claims.certain = [](const counter::state& s, const counter::command& c) { return c.by == 3 || s.at != 8; };
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::deadlock);
  EXPECT_EQ(report.failure->story.back().state, "at 8");
}

TEST(model_checker, reports_what_must_be_possible_and_is_not) {
  auto claims = none_but_rest_at_nine();
  claims.reachable = {{"ten", [](const counter::state& s) { return s.at == 10; }}};
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->kind, violation_kind::unreachable);
  EXPECT_EQ(report.failure->property, "ten");
}

TEST(model_checker, reports_a_transition_that_must_be_possible_and_is_not) {
  auto claims = none_but_rest_at_nine();
  claims.reachable_steps = {
      {"a step down", [](const counter::state& before, const counter::command&, const counter::response&,
                         const counter::state& after) { return after.at < before.at; }}};
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.verdict, check_verdict::violated);
  EXPECT_EQ(report.failure->property, "a step down");
}

TEST(model_checker, counts_how_often_and_how_early_a_landmark_is_met) {
  auto claims = none_but_rest_at_nine();
  claims.reachable = {{"above five", [](const counter::state& s) { return s.at > 5; }}};
  const auto report = check(counter{}, claims);
  ASSERT_EQ(report.landmarks.size(), 1U);
  EXPECT_EQ(report.landmarks[0].hits, 4U);
  EXPECT_EQ(report.landmarks[0].first_depth, 2U);
}

TEST(model_checker, is_undecided_when_the_states_run_out) {
  const auto report = check(counter{}, none_but_rest_at_nine(), check_budget{9, 1U << 20U});
  EXPECT_EQ(report.verdict, check_verdict::undecided);
  EXPECT_NE(report.gave_up_because.find("more than 9 states"), std::string::npos);
  EXPECT_EQ(check(counter{}, none_but_rest_at_nine(), check_budget{10, 1U << 20U}).verdict, check_verdict::holds);
}

TEST(model_checker, is_undecided_when_the_memory_runs_out) {
  const auto report = check(counter{}, none_but_rest_at_nine(), check_budget{100, 64});
  EXPECT_EQ(report.verdict, check_verdict::undecided);
  EXPECT_NE(report.gave_up_because.find("more than 64 bytes"), std::string::npos);
}

TEST(model_checker, an_undecided_check_does_not_accuse_what_it_has_not_reached) {
  auto claims = none_but_rest_at_nine();
  claims.reachable = {{"nine", [](const counter::state& s) { return s.at == 9; }}};
  EXPECT_EQ(check(counter{}, claims, check_budget{4, 1U << 20U}).verdict, check_verdict::undecided);
}

TEST(model_checker, prints_the_same_text_each_time) {
  const auto first = to_text(check(counter{true}, none_but_rest_at_nine()));
  EXPECT_EQ(first, to_text(check(counter{true}, none_but_rest_at_nine())));
}

}  // namespace
}  // namespace wavetank::model

// The lockstep judge: where it says no, and what it remembers of a nondeterministic model.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <wavetank/model/counting_semaphore.h>
#include <wavetank/model/lockstep.h>

namespace wavetank::model {
namespace coin_example {

/// A coin that is tossed unseen and then shows its face: nothing but the set of possible states can judge it.
struct coin {
  struct state {
    std::string face = "none";
    friend bool operator==(const state&, const state&) = default;
    friend std::size_t hash_value(const state& s) { return s.face.size(); }
  };
  enum class command { toss, look };
  using response = std::string;

  [[nodiscard]] state initial() const { return {}; }

  template <class Emit>
  void step(const state& s, command c, Emit&& emit) const {
    if (c == command::toss) {
      emit(response{"tossed"}, state{"heads"});
      emit(response{"tossed"}, state{"tails"});
    } else if (s != initial()) {
      emit(s.face, s);
    }
  }
};
}  // namespace coin_example

namespace {

using coin_example::coin;

using semaphore = counting_semaphore;
using enum counting_semaphore::result;

TEST(lockstep, accepts_a_run_of_the_model) {
  lockstep<semaphore> judge{semaphore{1}};
  EXPECT_FALSE(judge.observe(semaphore::try_acquire{1, 1, 1}, {granted}));
  EXPECT_FALSE(judge.observe(semaphore::try_acquire{2, 2, 1}, {busy}));
  EXPECT_FALSE(judge.observe(semaphore::release{1}, {released}));
  EXPECT_EQ(judge.steps(), 3U);
}

TEST(lockstep, names_the_first_step_that_the_model_does_not_allow) {
  lockstep<semaphore> judge{semaphore{1}};
  EXPECT_FALSE(judge.observe(semaphore::try_acquire{1, 1, 1}, {granted}));
  const auto refused = judge.observe(semaphore::try_acquire{2, 2, 1}, {granted});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->step, 2U);
  EXPECT_EQ(refused->allowed, std::vector<semaphore::response>{{busy}});
  EXPECT_EQ(describe(*refused),
            "step 2: task 2 tries to take 1 (call #2) -> granted, but the model allows: busy\n"
            "  in: 1 of 1 in use (#1 x1 of task 1)\n");
}

TEST(lockstep, a_refusal_does_not_move_the_judge) {
  lockstep<semaphore> judge{semaphore{1}};
  EXPECT_TRUE(judge.observe(semaphore::try_acquire{1, 1, 1}, {busy}));
  EXPECT_EQ(judge.steps(), 0U);
  EXPECT_FALSE(judge.observe(semaphore::try_acquire{1, 1, 1}, {granted}));
}

TEST(lockstep, a_disabled_command_is_refused_whatever_it_answered) {
  lockstep<semaphore> judge{semaphore{1}};
  const auto refused = judge.observe_unknown(semaphore::answer{1});
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->allowed.empty());
  EXPECT_EQ(describe(*refused),
            "step 1: call #1 returns -> (not seen), but the model does not allow this command here\n"
            "  in: 0 of 1 in use\n");
}

TEST(lockstep, follows_every_state_that_the_observations_leave_possible) {
  lockstep<coin> judge{coin{}};
  EXPECT_FALSE(judge.observe(coin::command::toss, "tossed"));
  EXPECT_EQ(judge.possible_states().size(), 2U);
  EXPECT_EQ(judge.allowed(coin::command::look), (std::vector<std::string>{"heads", "tails"}));
  EXPECT_FALSE(judge.observe(coin::command::look, "tails"));
  EXPECT_EQ(judge.possible_states().size(), 1U);
  EXPECT_TRUE(judge.observe(coin::command::look, "heads"));
}

TEST(lockstep, an_unseen_response_leaves_all_of_them_possible) {
  lockstep<semaphore> judge{semaphore{1}};
  EXPECT_FALSE(judge.observe(semaphore::try_acquire{1, 1, 1}, {granted}));
  EXPECT_FALSE(judge.observe(semaphore::request{2, 2, 1, patience::until_deadline}, {queued}));
  EXPECT_FALSE(judge.observe(semaphore::release{1}, {released}));
  EXPECT_FALSE(judge.observe_unknown(semaphore::time_out{2}));
  EXPECT_EQ(judge.possible_states().size(), 2U);
  EXPECT_FALSE(judge.observe(semaphore::current{}, {value, 0}));
  EXPECT_EQ(judge.allowed(semaphore::answer{2}), std::vector<semaphore::response>{{timed_out}});
}

TEST(lockstep, an_internal_step_is_taken_or_not) {
  lockstep<coin> judge{coin{}};
  judge.perhaps(coin::command::toss);
  EXPECT_EQ(judge.possible_states().size(), 3U);
  EXPECT_EQ(judge.steps(), 0U);
  judge.perhaps(coin::command::toss);
  EXPECT_EQ(judge.possible_states().size(), 3U);
  EXPECT_FALSE(judge.observe(coin::command::look, "heads"));
  EXPECT_EQ(judge.possible_states().size(), 1U);
}

TEST(lockstep, what_else_was_seen_narrows_what_is_possible) {
  lockstep<coin> judge{coin{}};
  judge.perhaps(coin::command::toss);
  EXPECT_FALSE(judge.narrow([](const coin::state& s) { return s.face == "edge"; }));
  EXPECT_EQ(judge.possible_states().size(), 3U);
  EXPECT_TRUE(judge.narrow([](const coin::state& s) { return s.face != "heads"; }));
  EXPECT_EQ(judge.possible_states().size(), 2U);
  EXPECT_TRUE(judge.observe(coin::command::look, "heads"));
}

TEST(refinement, a_recorded_run_is_checked_to_its_first_refusal) {
  using event = recorded_event<semaphore>;
  std::vector<event> events{{semaphore::try_acquire{1, 1, 1}, semaphore::response{granted}},
                            {semaphore::owner_dies{1}, std::nullopt},
                            {semaphore::current{}, semaphore::response{value, 0}}};
  EXPECT_FALSE(first_refusal(semaphore{1}, events));
  events.push_back({semaphore::release{1}, semaphore::response{released}});
  const auto refused = first_refusal(semaphore{1}, events);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->step, 4U);
  EXPECT_EQ(refused->allowed, std::vector<semaphore::response>{{nothing}});
}

}  // namespace
}  // namespace wavetank::model

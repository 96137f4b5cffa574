// What each criterion, mark and model allows, one small history at a time.

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include <wavetank/model/lin/check.h>
#include <wavetank/model/lin/explain.h>
#include <wavetank/model/lin/models/atomic_register.h>
#include <wavetank/model/lin/models/buffered_register.h>
#include <wavetank/model/lin/models/fair_semaphore.h>
#include <wavetank/model/lin/models/fifo_queue.h>
#include <wavetank/model/lin/models/rope.h>
#include <wavetank/model/lin/models/semaphore.h>
#include <wavetank/tests/lin/random_histories.h>

namespace wavetank::lin::testing::verdict_tests {
namespace {

using models::answer;
using models::atomic_register;
using models::semaphore;
using register_kind = atomic_register::command::kind;
using semaphore_kind = semaphore::command::kind;
constexpr outcome yes = outcome::linearizable;
constexpr outcome no = outcome::not_linearizable;

template <class Model>
outcome under(criterion meaning, const Model& model, const history<Model>& what) {
  options how;
  how.crash_means = meaning;
  return check(model, what, how).result;
}

TEST(linearizability, intervals_are_closed) {
  history<atomic_register> touching;
  touching.returns(touching.invoke(0, {register_kind::write, 1}, 0), answer(), 5);
  touching.returns(touching.invoke(1, {register_kind::read}, 5), answer::null(), 6);
  EXPECT_EQ(check(atomic_register(), touching).result, yes);

  history<atomic_register> apart;
  apart.returns(apart.invoke(0, {register_kind::write, 1}, 0), answer(), 5);
  apart.returns(apart.invoke(1, {register_kind::read}, 6), answer::null(), 7);
  EXPECT_EQ(check(atomic_register(), apart).result, no);
}

TEST(linearizability, a_pending_operation_takes_effect_once_or_never) {
  for (const bool seen : {false, true}) {
    history<atomic_register> h;
    h.invoke(0, {register_kind::write, 1});
    const op_id read = h.invoke(1, {register_kind::read});
    h.returns(read, seen ? answer::number(1) : answer::null());
    EXPECT_EQ(check(atomic_register(), h).result, yes);
  }
  history<atomic_register> twice;
  twice.invoke(0, {register_kind::cas, 0, 1});
  for (const std::int64_t value : {0, 1, 0, 1}) {
    if (value == 0) twice.returns(twice.invoke(1, {register_kind::write, 0}), answer());
    twice.returns(twice.invoke(1, {register_kind::read}), answer::number(value));
  }
  EXPECT_EQ(check(atomic_register(), twice).result, no);
}

// Client 0 writes 1, the system crashes, client 0 reads `first`, then client 1 reads `second`.
history<atomic_register> write_cut_off(answer first, answer second) {
  history<atomic_register> h;
  h.returns(h.invoke(1, {register_kind::write, 0}), answer());
  h.invoke(0, {register_kind::write, 1});
  h.crash();
  h.returns(h.invoke(1, {register_kind::read}), first);
  h.returns(h.invoke(0, {register_kind::read}), second);
  return h;
}

TEST(crashes, strict_settles_a_pending_write_at_the_crash) {
  const atomic_register model;
  const answer zero = answer::number(0);
  const answer one = answer::number(1);
  EXPECT_EQ(under(criterion::strict, model, write_cut_off(zero, zero)), yes);
  EXPECT_EQ(under(criterion::strict, model, write_cut_off(one, one)), yes);
  EXPECT_EQ(under(criterion::strict, model, write_cut_off(zero, one)), no);
}

TEST(crashes, recoverable_settles_it_at_the_clients_next_call_and_durable_never) {
  const atomic_register model;
  const answer zero = answer::number(0);
  const answer one = answer::number(1);
  EXPECT_EQ(under(criterion::recoverable, model, write_cut_off(zero, one)), yes);
  history<atomic_register> late = write_cut_off(zero, zero);
  late.returns(late.invoke(1, {register_kind::read}), one);
  EXPECT_EQ(under(criterion::recoverable, model, late), no);
  EXPECT_EQ(under(criterion::durable, model, late), yes);
  EXPECT_EQ(under(criterion::durable, model, write_cut_off(one, zero)), no);
}

TEST(crashes, a_buffered_register_may_lose_what_was_not_synced_and_nothing_else) {
  using models::buffered_register;
  using kind = buffered_register::command::kind;
  const auto after = [](std::int64_t seen) {
    history<buffered_register> h;
    h.returns(h.invoke(0, {kind::write, 1}), answer());
    h.returns(h.invoke(0, {kind::sync}), answer());
    h.returns(h.invoke(0, {kind::write, 2}), answer());
    h.returns(h.invoke(0, {kind::write, 3}), answer());
    h.crash();
    h.returns(h.invoke(0, {kind::read}), answer::number(seen));
    return check(buffered_register(), h).result;
  };
  EXPECT_EQ(after(0), no);
  EXPECT_EQ(after(1), yes);
  EXPECT_EQ(after(2), yes);
  EXPECT_EQ(after(3), yes);
}

TEST(crashes, of_two_equal_calls_the_one_that_must_happen_may_go_first_though_the_other_expires_first) {
  using models::fifo_queue;
  using kind = fifo_queue::command::kind;
  history<fifo_queue> h;
  h.invoke(0, {kind::enqueue, 1}, 0);
  h.crash(2);
  h.returns_unknown(h.invoke(1, {kind::enqueue, 1}, 4), 20);
  h.returns(h.invoke(2, {kind::dequeue}, 6), answer::number(1), 8);
  h.returns(h.invoke(0, {kind::dequeue}, 10), answer::null(), 12);
  h.returns(h.invoke(2, {kind::dequeue}, 30), answer::null(), 32);
  EXPECT_EQ(under(criterion::recoverable, fifo_queue(), h), yes);
}

TEST(stuck, a_blocked_acquire_must_be_disabled_in_the_final_state) {
  for (const bool released : {false, true}) {
    history<semaphore> h;
    h.returns(h.invoke(0, {semaphore_kind::acquire, 2}), answer());
    h.stuck(h.invoke(1, {semaphore_kind::acquire, 1}));
    if (released) h.returns(h.invoke(0, {semaphore_kind::release, 1}), answer());
    EXPECT_EQ(check(semaphore(2), h).result, released ? no : yes);
  }
}

TEST(fair_semaphore, grants_in_the_order_of_requests_and_passes_on_what_a_cancelled_head_left) {
  using models::fair_semaphore;
  using kind = fair_semaphore::command::kind;
  const auto granted = [](bool cancel_head) {
    history<fair_semaphore> h;
    h.returns(h.invoke(0, {kind::request, 0, 2, false}), answer());
    h.returns(h.invoke(1, {kind::request, 1, 2, false}), answer());
    h.returns(h.invoke(2, {kind::request, 2, 1, false}), answer());
    if (cancel_head) h.returns(h.invoke(1, {kind::cancel, 1, 0, false}), answer::truth(true));
    h.returns(h.invoke(2, {kind::done, 2, 0, false}), answer());
    return check(fair_semaphore(3), h).result;
  };
  EXPECT_EQ(granted(false), no);
  EXPECT_EQ(granted(true), yes);
}

TEST(claims, a_false_observer_claim_is_caught_in_the_debug_mode) {
  struct liar : atomic_register {
    bool observes(const command&, const std::optional<answer>&) const { return true; }
  };
  history<liar> h;
  h.returns(h.invoke(0, {register_kind::write, 1}), answer());
  options how;
  how.check_claims = true;
  EXPECT_THROW((void)check(liar(), h, how), std::logic_error);
}

TEST(histories, a_malformed_one_is_refused_with_its_place) {
  history<atomic_register> h;
  const op_id write = h.invoke(0, {register_kind::write, 1}, 5);
  h.returns(write, answer(), 4);
  ASSERT_TRUE(h.malformed().has_value());
  EXPECT_EQ(h.malformed()->where, write);
  EXPECT_THROW((void)check(atomic_register(), h), std::invalid_argument);
  EXPECT_THROW(h.returns(write, answer(), 6), std::logic_error);
}

TEST(rope, is_the_text_however_it_was_put_together) {
  using models::rope;
  const rope abc = rope("a").append(rope("bc"));
  EXPECT_EQ(abc, rope("ab").append(rope("c")));
  EXPECT_EQ(abc, rope("abc"));
  EXPECT_EQ(abc.append(rope()), abc);
  EXPECT_EQ(hash_value(abc), hash_value(rope("abc")));
  EXPECT_FALSE(abc == rope("abd"));
  EXPECT_FALSE(abc == rope("ab"));
  EXPECT_EQ(rope().append(abc).str(), "abc");
  EXPECT_EQ(abc.append(rope("d").append(rope("e"))).str(), "abcde");
}

TEST(rope, of_a_million_pieces_dies_without_recursion) {
  models::rope text;
  const models::rope piece("x");
  for (int i = 0; i < 1'000'000; ++i) text = text.append(piece);
  EXPECT_EQ(text.size(), 1'000'000U);
}

TEST(explanation, core_is_what_contradicts_and_nothing_else) {
  history<atomic_register> h;
  std::vector<op_id> noise;
  for (std::int64_t i = 0; i < 20; ++i) h.returns(h.invoke(2, {register_kind::write, 10 + i}), answer());
  const op_id write = h.invoke(0, {register_kind::write, 1});
  h.returns(write, answer());
  h.returns(h.invoke(2, {register_kind::read}), answer::number(1));
  const op_id read = h.invoke(1, {register_kind::read});
  h.returns(read, answer::number(99));
  const verdict v = check(atomic_register(), h);
  ASSERT_EQ(v.result, no);
  const explanation why = explain(atomic_register(), h, v);
  EXPECT_EQ(why.stopped_at, read);
  EXPECT_EQ(why.core, std::vector<op_id>{read});  // nobody ever wrote 99
  EXPECT_TRUE(why.core_is_minimal);
  ASSERT_EQ(why.states.size(), 1U);
  EXPECT_EQ(why.states.front().state, "1");
  EXPECT_EQ(why.states.front().refusals.front().allowed, std::vector<std::string>{"1"});
}

TEST(explanation, names_weaker_criteria_that_would_have_passed) {
  const atomic_register model;
  const auto h = write_cut_off(answer::number(0), answer::number(1));
  const explanation crash = explain(model, h, check(model, h));
  EXPECT_EQ(crash.passes_under, (std::vector<criterion>{criterion::recoverable, criterion::durable}));

  history<atomic_register> stale;
  const op_id write = stale.invoke(0, {register_kind::write, 1});
  stale.returns(write, answer());
  const op_id read = stale.invoke(1, {register_kind::read});
  stale.returns(read, answer::null());
  const explanation time = explain(model, stale, check(model, stale));
  EXPECT_TRUE(time.sequentially_consistent);
  ASSERT_TRUE(time.but_for.has_value());
  EXPECT_EQ(time.but_for->before, write);
  EXPECT_EQ(time.but_for->after, read);
}

// Removing the rest leaves the core contradictory; what the search calls the failing return is the first such.
TEST(explanation, of_random_histories_keeps_its_promises) {
  int explained = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    random_source random(seed + 9'000'000);
    shape larger;
    larger.operations = 12;
    larger.instants = 14;
    const register_maker maker;
    const auto h = random_history(maker, random, larger);
    const verdict v = check(maker.make(), h);
    if (v.result != no) continue;
    ++explained;
    const explanation why = explain(maker.make(), h, v);
    ASSERT_TRUE(why.core_is_minimal);
    // Everything outside the core, relaxed: pending, with no crash that could cut it off.
    const auto relaxed_but = [&](op_id spared) {
      history<atomic_register> few;
      for (op_id id = 0; id < h.operations().size(); ++id) {
        const auto& op = h.operations()[id];
        const bool in_core = id != spared && std::find(why.core.begin(), why.core.end(), id) != why.core.end();
        const op_id copy = few.invoke(op.client, op.request, op.call);
        if (in_core && op.answer)
          few.returns(copy, *op.answer, *op.returned);
        else if (in_core && op.returned)
          few.returns_unknown(copy, *op.returned);
      }
      for (const instant at : h.crashes()) few.crash(at);
      return few;
    };
    if (h.crashes().empty()) {
      ASSERT_EQ(check(maker.make(), relaxed_but(no_op)).result, no) << "seed " << seed;
    }
  }
  EXPECT_GT(explained, 300);
}

}  // namespace
}  // namespace wavetank::lin::testing::verdict_tests

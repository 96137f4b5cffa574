// The models of the gate and of the window batcher, exhaustively in small scopes; broken variants must be seen.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include <wavetank/model/checker/catalogue.h>
#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/sync_gate.h>
#include <wavetank/model/window_batcher.h>

namespace wavetank::model::batch_models_check_test {
namespace {

TEST(sync_gate_model, keeps_every_property) {
  const auto report = check(sync_gate{{3, 2, 2}}, sync_gate_properties());
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

/// A writer that finds a pause after it has published goes in all the same.
struct gate_that_looks_first : sync_gate {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    sync_gate::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      if (said == response::sent_back) wrong.writers[what.who] = writer::inside;
      emit(said, std::as_const(wrong));
    });
  }
};

TEST(sync_gate_model, looking_before_publishing_is_seen) {
  EXPECT_EQ(check(gate_that_looks_first{{{2, 2, 0}}}, sync_gate_properties()).verdict, check_verdict::violated);
}

constexpr window_batcher_bounds small{2, 2, 4, 2};

TEST(window_batcher_model, keeps_every_property) {
  const window_batcher_bounds one_submitter{1, 2, 4, 2};
  const auto report = check(window_batcher{one_submitter}, window_batcher_properties(one_submitter));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(window_batcher_model, keeps_every_property_with_two_commits_in_flight) {
  const window_batcher_bounds two{1, 2, 4, 2, 2};
  const auto report = check(window_batcher{two}, window_batcher_properties(two));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(window_batcher_model, keeps_every_property_with_bounded_loads) {
  const auto& model = *find_checkable_model("window_batcher_load");
  const auto report = model.check(usual_bounds(model), {});
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

/// Applies `Change(before, command, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : window_batcher {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    window_batcher::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      Change{}(before, what, wrong);
      emit(said, std::as_const(wrong));
    });
  }
};

template <class Change>
void expect_seen(const window_batcher_bounds& bounds = small) {
  const auto report = check(broken<Change>{{bounds}}, window_batcher_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::violated) << to_text(report);
}

using state = window_batcher::state;
using command = window_batcher::command;
using event = window_batcher::event;

struct kinds_are_not_ordered {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::submit || after.sealed.size() == before.sealed.size()) return;
    for (std::uint64_t kind = 0; kind < after.open.size(); ++kind) {
      if (kind != c.b && !before.open[kind].empty() && after.open[kind].empty()) {
        after.open[kind] = before.open[kind];
        if (std::count(before.due.begin(), before.due.end(), kind) != 0) after.due.push_back(kind);
        after.sealed.pop_back();
      }
    }
  }
};
struct a_stop_drops_what_is_queued {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what == event::stop) after.sealed.clear();
  }
};
struct a_flush_lets_others_into_its_slot {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::submit || before.sealed.empty() || after.requests.size() == before.requests.size()) return;
    after.open[c.b].pop_back();
    if (after.open[c.b].empty()) std::erase(after.due, c.b);
    after.sealed.back().push_back(after.requests.size());
  }
};
struct a_lost_outcome_is_called_a_failure {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::is_lost) return;
    for (const auto one : before.in_flight[c.a].requests) {
      after.requests[one - 1].is = window_batcher::fate::not_committed;
    }
  }
};
struct a_completion_forgets_who_waits_behind {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::done) after.open[before.in_flight[c.a].kind].clear();
  }
};
struct a_batch_is_committed_again {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::done) after.in_flight = before.in_flight;
  }
};
struct answers_come_as_commits_end {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::done) return;
    for (const auto one : before.in_flight[c.a].requests) {
      if (after.requests[one - 1].is == window_batcher::fate::pending) {
        after.requests[one - 1].is = window_batcher::fate::committed;
      }
    }
  }
};
struct what_waits_for_its_answer_does_not_count {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::take || before.sealed.size() < 2) return;
    after.in_flight.push_back({after.sealed.front(), after.requests[after.sealed.front().front() - 1].kind});
    after.sealed.erase(after.sealed.begin());
  }
};

/// A direct write does not look what its submitter has unanswered.
struct batcher_with_hasty_direct_writes : window_batcher {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    if (what.what == event::direct_commit) return emit(response::done, before);
    window_batcher::step(before, what, emit);
  }
};

TEST(window_batcher_model, a_direct_write_that_overtakes_is_seen) {
  const auto report = check(batcher_with_hasty_direct_writes{{small}}, window_batcher_properties(small));
  EXPECT_EQ(report.verdict, check_verdict::violated) << to_text(report);
}

/// One request fills a slot, or two do.
constexpr window_batcher_bounds loaded{1, 1, 3, 3, 1, 2, 3, 2, 2};

template <std::uint64_t window_batcher_bounds::*Bound>
struct batcher_without : window_batcher {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    window_batcher boundless{bounds};
    boundless.bounds.*Bound = 0;
    boundless.step(before, what, emit);
  }
};

template <std::uint64_t window_batcher_bounds::*Bound>
void expect_bound_is_missed() {
  const auto report = check(batcher_without<Bound>{{loaded}}, window_batcher_properties(loaded));
  EXPECT_EQ(report.verdict, check_verdict::violated) << to_text(report);
  EXPECT_EQ(report.failure->kind, violation_kind::invariant) << to_text(report);
}

TEST(window_batcher_model, a_bound_that_is_not_kept_is_seen) {
  expect_bound_is_missed<&window_batcher_bounds::max_bytes>();
  expect_bound_is_missed<&window_batcher_bounds::max_work>();
  expect_bound_is_missed<&window_batcher_bounds::max_pending_items>();
  expect_bound_is_missed<&window_batcher_bounds::max_pending_bytes>();
}

struct only_items_fill_a_slot {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::submit || after.open[c.b].size() == loaded.max_items) return;
    if (std::count(before.due.begin(), before.due.end(), c.b) == 0) std::erase(after.due, c.b);
  }
};
TEST(window_batcher_model, a_full_slot_that_waits_is_seen) { expect_seen<only_items_fill_a_slot>(loaded); }

constexpr window_batcher_bounds two_commits{2, 2, 4, 2, 2};

TEST(window_batcher_model, answers_out_of_order_are_seen) { expect_seen<answers_come_as_commits_end>(two_commits); }
TEST(window_batcher_model, a_third_commit_is_seen) {
  expect_seen<what_waits_for_its_answer_does_not_count>(two_commits);
}
TEST(window_batcher_model, kinds_without_order_are_seen) { expect_seen<kinds_are_not_ordered>(); }
TEST(window_batcher_model, a_stop_that_drops_is_seen) { expect_seen<a_stop_drops_what_is_queued>(); }
TEST(window_batcher_model, a_prolonged_flush_is_seen) { expect_seen<a_flush_lets_others_into_its_slot>(); }
TEST(window_batcher_model, a_blurred_error_is_seen) { expect_seen<a_lost_outcome_is_called_a_failure>(); }
TEST(window_batcher_model, a_forgotten_slot_is_seen) { expect_seen<a_completion_forgets_who_waits_behind>(); }
TEST(window_batcher_model, a_doubled_batch_is_seen) { expect_seen<a_batch_is_committed_again>(); }

}  // namespace
}  // namespace wavetank::model::batch_models_check_test

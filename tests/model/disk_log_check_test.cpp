// The disk log's protocol, exhaustively in small scopes; and broken variants, each of which must be seen.
#include <gtest/gtest.h>

#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/disk_log_scope.h>

namespace wavetank::model::disk_log_check_test {
namespace {

using log = disk_log;

TEST(disk_log_model, keeps_every_property) {
  const disk_log_bounds bounds{};
  const auto report = check(scope_of(bounds), disk_log_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

/// Applies `Change(before, command, response, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : disk_log {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    disk_log::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      response says = said;
      Change{}(before, what, says, wrong);
      emit(says, std::as_const(wrong));
    });
  }
};

template <class Change>
void expect_seen() {
  const disk_log_bounds bounds{};
  const auto report = check(scope_of<broken<Change>>(bounds), disk_log_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::violated) << to_text(report);
}

/// The next segment's header does not say where the old one ends: a batch of unknown outcome comes back.
struct a_new_segment_fences_nothing {
  void operator()(const log::state&, const log::command& what, log::response&, log::state& after) const {
    if (std::holds_alternative<log::begin_segment>(what)) ++after.segments.back().first;
  }
};

/// The next batch goes into the same file behind a failed one.
struct a_failed_sync_does_not_end_the_segment {
  void operator()(const log::state&, const log::command& what, log::response&, log::state& after) const {
    if (!std::holds_alternative<log::sync_fails>(what)) return;
    after.is = log::writer::ready;
    after.doubtful.pop_back();
  }
};

struct acknowledged_before_the_sync {
  void operator()(const log::state&, const log::command& what, log::response&, log::state& after) const {
    if (const auto* c = std::get_if<log::write>(&what)) {
      after.promised.push_back(c->batch);
      after.doubtful = {{}};
    }
  }
};

struct a_torn_frame_is_replayed {
  void operator()(const log::state&, const log::command& what, log::response& said, log::state& after) const {
    const auto* c = std::get_if<log::crash>(&what);
    if (c == nullptr || said.what != log::result::crashed) return;
    for (auto& f : after.segments.back().frames) {
      if (f.is == log::condition::torn) f.is = log::condition::durable;
    }
  }
};

struct a_refused_write_is_whole {
  void operator()(const log::state&, const log::command& what, log::response&, log::state& after) const {
    if (std::holds_alternative<log::write_fails>(what))
      after.segments.back().frames.back().is = log::condition::durable;
  }
};

/// A recovery trusts the old file with a batch that it only saw.
struct nothing_is_carried_over {
  void operator()(const log::state&, const log::command&, const log::response& said, log::state& after) const {
    if (said.what != log::result::recovered) return;
    after.segments.back().frames.clear();
    after.segments.back().first = after.next;
  }
};

struct a_sync_is_for_what_is_written_while_it_runs {
  void operator()(const log::state&, const log::command& what, log::response&, log::state& after) const {
    if (!std::holds_alternative<log::sync>(what)) return;
    for (const auto one : after.doubtful.back()) after.promised.push_back(one);
    after.doubtful = {{}};
  }
};

/// What was written while the sync ran goes on as if nothing had happened.
struct a_failed_sync_fails_what_it_was_for_and_nothing_else {
  void operator()(const log::state& before, const log::command& what, log::response&, log::state& after) const {
    if (!std::holds_alternative<log::sync_fails>(what)) return;
    auto& frames = after.segments.back().frames;
    if (frames.back().sequence <= *before.sync_covers) return;
    frames.back() = before.segments.back().frames.back();
    after.is = log::writer::ready;
    after.next = before.next;
    after.doubtful = before.doubtful;
  }
};

TEST(disk_log_model, a_sync_that_claims_too_much_is_seen) {
  expect_seen<a_sync_is_for_what_is_written_while_it_runs>();
}
TEST(disk_log_model, a_failed_sync_that_spares_others_is_seen) {
  expect_seen<a_failed_sync_fails_what_it_was_for_and_nothing_else>();
}
TEST(disk_log_model, a_recovery_that_trusts_what_it_sees_is_seen) { expect_seen<nothing_is_carried_over>(); }
TEST(disk_log_model, a_segment_without_a_fence_is_seen) { expect_seen<a_new_segment_fences_nothing>(); }
TEST(disk_log_model, going_on_after_a_failed_sync_is_seen) { expect_seen<a_failed_sync_does_not_end_the_segment>(); }
TEST(disk_log_model, an_early_acknowledgement_is_seen) { expect_seen<acknowledged_before_the_sync>(); }
TEST(disk_log_model, a_torn_frame_taken_for_whole_is_seen) { expect_seen<a_torn_frame_is_replayed>(); }
TEST(disk_log_model, a_refused_batch_that_is_there_is_seen) { expect_seen<a_refused_write_is_whole>(); }

}  // namespace
}  // namespace wavetank::model::disk_log_check_test

// The model of a buffer's partition, exhaustively in small scopes; broken variants must be seen.
#include <gtest/gtest.h>

#include <wavetank/model/buffer_scope.h>
#include <wavetank/model/checker/catalogue.h>
#include <wavetank/model/checker/model_checker.h>

namespace wavetank::model::buffer_check_test {
namespace {

TEST(buffer_model, keeps_every_property) {
  for (const char* name : {"buffer_queue", "buffer_queue_oldest", "buffer_map"}) {
    const auto& model = *find_checkable_model(name);
    const auto report = model.check(usual_bounds(model), {});
    EXPECT_EQ(report.verdict, check_verdict::holds) << name << "\n" << to_text(report);
  }
}

TEST(buffer_model, keeps_every_property_under_every_policy) {
  for (const bool keyed : {false, true}) {
    for (std::uint64_t policy = 0; policy <= 4; ++policy) {
      buffer_bounds bounds;
      bounds.keyed = keyed;
      bounds.keys = keyed ? 2 : 1;
      bounds.puts = 3;
      bounds.max_records = 2;
      bounds.policy = policy;
      const auto report = check(scope_of(bounds), buffer_properties(bounds));
      EXPECT_EQ(report.verdict, check_verdict::holds) << policy << "\n" << to_text(report);
    }
  }
}

using state = buffer::state;
using command = buffer::command;
using event = buffer::event;
using count = buffer::count;

std::uint64_t& tally(state& s, count what) { return s.so_far[static_cast<std::size_t>(what)]; }

/// Applies `Change(before, command, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : buffer_scope {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    buffer_scope::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      Change{}(before, what, wrong);
      emit(said, std::as_const(wrong));
    });
  }
};

template <class Change>
void expect_seen(const std::string& by, bool keyed) {
  buffer_bounds bounds;
  bounds.keyed = keyed;
  bounds.puts = 3;
  bounds.max_records = 2;
  bounds.policy = static_cast<std::uint64_t>(overflow::drop_oldest);
  const broken<Change> machine{scope_of(bounds)};
  const auto report = check(machine, buffer_properties(bounds));
  ASSERT_EQ(report.verdict, check_verdict::violated) << to_text(report);
  EXPECT_NE(report.failure->property.find(by), std::string::npos) << to_text(report);
}

struct a_failed_batch_is_not_counted {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::settle && c.came_to == buffer::outcome::failed) after.so_far = before.so_far;
  }
};
struct the_newest_goes_first {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what == event::swap) std::swap(after.in_flight.front().number, after.in_flight.back().number);
  }
};
struct the_oldest_is_counted_as_the_newest {
  void operator()(const state& before, const command&, state& after) const {
    if (after.so_far[4] != before.so_far[4]) after.so_far = before.so_far;
  }
};
struct a_newer_put_forgets_the_table_in_flight {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::put_newer && before == after && !before.closing && before.buffered.empty()) {
      buffer::held late{c.record};
      late.number = ++tally(after, count::accepted);
      after.buffered.push_back(late);
    }
  }
};
struct an_erasure_is_not_counted {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::erase) after.so_far = before.so_far;
  }
};
struct a_stop_leaves_the_current_table {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::stop_answers) return;
    after.buffered = before.buffered;
    tally(after, count::returned) -= before.buffered.size();
  }
};
struct a_kept_batch_is_counted {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::settle && c.came_to == buffer::outcome::again) {
      tally(after, count::failed) += before.batch.size();
    }
  }
};

TEST(buffer_model, a_failed_batch_that_is_not_counted_is_seen) {
  expect_seen<a_failed_batch_is_not_counted>("D1", false);
}
TEST(buffer_model, a_producer_out_of_order_is_seen) { expect_seen<the_newest_goes_first>("D2", false); }
TEST(buffer_model, a_drop_without_its_count_is_seen) { expect_seen<the_oldest_is_counted_as_the_newest>("D1", false); }
TEST(buffer_model, a_version_that_overtakes_is_seen) {
  expect_seen<a_newer_put_forgets_the_table_in_flight>("refused", true);
}
TEST(buffer_model, an_erasure_without_its_count_is_seen) { expect_seen<an_erasure_is_not_counted>("D1", true); }
TEST(buffer_model, a_stop_that_leaves_something_is_seen) { expect_seen<a_stop_leaves_the_current_table>("D5", false); }
TEST(buffer_model, a_kept_batch_that_is_counted_is_seen) { expect_seen<a_kept_batch_is_counted>("D1", false); }

}  // namespace
}  // namespace wavetank::model::buffer_check_test

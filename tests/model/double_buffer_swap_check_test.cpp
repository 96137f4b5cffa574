// The model of the swap, exhaustively in several small scopes; broken variants must be seen.
#include <gtest/gtest.h>

#include <wavetank/model/checker/catalogue.h>
#include <wavetank/model/checker/model_checker.h>
#include <wavetank/model/double_buffer_swap.h>

namespace wavetank::model::double_buffer_swap_check_test {
namespace {

void expect_holds(const double_buffer_swap_bounds& bounds) {
  const auto report = check(double_buffer_swap{bounds}, double_buffer_swap_properties(bounds));
  EXPECT_EQ(report.verdict, check_verdict::holds) << to_text(report);
}

TEST(double_buffer_swap_model, keeps_every_property) { expect_holds({}); }

TEST(double_buffer_swap_model, keeps_every_property_in_its_other_scopes) {
  for (const char* name : {"double_buffer_swap_shards", "double_buffer_swap_writers", "double_buffer_swap_again",
                           "double_buffer_swap_tables", "double_buffer_swap_bound"}) {
    const auto& model = *find_checkable_model(name);
    const auto report = model.check(usual_bounds(model), {});
    EXPECT_EQ(report.verdict, check_verdict::holds) << name << "\n" << to_text(report);
  }
}

/// Where a scope can show something, it must; where it cannot, that must not count against it.
TEST(double_buffer_swap_model, every_kind_of_event_can_be_left_out) {
  for (unsigned left_out = 0; left_out < 5; ++left_out) {
    double_buffer_swap_bounds bounds;
    bounds.restarts = left_out == 4 ? 1 : 0;
    bounds.deaths = left_out == 0 ? 0 : 1;
    bounds.failures = left_out == 1 ? 0 : 1;
    bounds.flushes = left_out == 2 ? 1 : 0;
    bounds.stops = left_out != 3;
    expect_holds(bounds);
  }
}

using state = double_buffer_swap::state;
using command = double_buffer_swap::command;
using event = double_buffer_swap::event;
using fate = double_buffer_swap::fate;
using stage = double_buffer_swap::stage;

/// Applies `Change(before, command, after)` to what the specification does: a bug, planted in its states.
template <class Change>
struct broken : double_buffer_swap {
  template <class Emit>
  void step(const state& before, const command& what, Emit&& emit) const {
    double_buffer_swap::step(before, what, [&](const response& said, const state& right) {
      state wrong = right;
      Change{}(before, what, wrong);
      emit(said, std::as_const(wrong));
    });
  }
};

template <class Change>
void expect_seen(const std::string& by) {
  double_buffer_swap_bounds small;
  small.restarts = 0;
  const auto report = check(broken<Change>{{small}}, double_buffer_swap_properties(small));
  ASSERT_EQ(report.verdict, check_verdict::violated) << to_text(report);
  EXPECT_NE(report.failure->property.find(by), std::string::npos) << to_text(report);
}

struct a_throw_drops_the_batch {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::fail) return;
    for (const auto one : before.batch) after.records[one - 1].is = fate::pending;
  }
};
struct a_straggler_is_forgotten {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::settle_shard) return;
    for (std::size_t t = 0; t < after.tables.size(); ++t) {
      if (before.tables[t].is == double_buffer_swap::role::retired)
        after.tables[t].shards[before.next_shard].taken = true;
    }
  }
};
struct a_dead_writer_stays_registered {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::death_notice) return;
    after.writers[c.a] = before.writers[c.a];
    after.writers[c.a].is = stage::buried;
    after.tables = before.tables;
  }
};
struct a_record_is_counted_and_not_written {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::write && after.records.size() != before.records.size()) after.tables = before.tables;
  }
};
struct a_retry_under_at_most_once {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::fail) return;
    for (const auto one : before.batch) after.records[one - 1].is = fate::pending;
    after.batch = before.batch;
    after.attempts = before.attempts;
  }
};
struct a_time_out_frees_the_processor {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what == event::time_out) after.processor = double_buffer_swap::callback::none;
  }
};
struct a_noted_tick_is_lost {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what == event::complete && !after.flushes[0].waits && !after.closing) after.due = false;
  }
};
struct a_flush_waits_for_what_is_in_flight_only {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what == event::flush && !double_buffer_swap::buffered(before).empty()) after.flushes[0].covers.clear();
  }
};
struct a_stop_forgets_the_fresh_table {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what != event::deadline) return;
    for (auto& one : after.records) {
      if (one.is == fate::returned) one.is = fate::pending;
    }
  }
};

struct a_look_does_not_see_the_writer {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what != event::look) return;
    for (auto& one : after.tables) {
      if (one.generation == c.a) one.shards[c.b].quiet = true;
    }
  }
};
struct a_stop_waits_for_no_writer {
  void operator()(const state&, const command& c, state& after) const {
    if (c.what != event::stop) return;
    for (auto& one : after.tables) {
      for (auto& part : one.shards) part.quiet = part.quiet || one.is == double_buffer_swap::role::retired;
    }
  }
};
struct a_quiet_shard_lets_its_generation_in {
  void operator()(const state& before, const command& c, state& after) const {
    if (c.what != event::enter || after.writers[c.a].is != stage::outside) return;
    const auto& was = before.writers[c.a];
    if (before.tables[was.at].generation != was.generation) return;
    after.writers[c.a] = was;
    after.writers[c.a].is = stage::backing_out;
    after.writers[c.a].holds = true;
    ++after.tables[was.at].shards[0].registered;
  }
};

TEST(double_buffer_swap_model, a_batch_that_a_throw_drops_is_seen) { expect_seen<a_throw_drops_the_batch>("D1"); }
TEST(double_buffer_swap_model, a_forgotten_straggler_is_seen) { expect_seen<a_straggler_is_forgotten>("D9"); }
TEST(double_buffer_swap_model, a_dead_writer_that_stays_is_seen) {
  expect_seen<a_dead_writer_stays_registered>("deadlock");
}
TEST(double_buffer_swap_model, a_lost_write_is_seen) { expect_seen<a_record_is_counted_and_not_written>("D1"); }
TEST(double_buffer_swap_model, a_retry_that_doubles_is_seen) { expect_seen<a_retry_under_at_most_once>("D1"); }
TEST(double_buffer_swap_model, a_lost_tick_is_seen) { expect_seen<a_noted_tick_is_lost>("D7"); }
TEST(double_buffer_swap_model, a_second_processor_is_seen) { expect_seen<a_time_out_frees_the_processor>("D3"); }
TEST(double_buffer_swap_model, a_flush_too_early_is_seen) {
  expect_seen<a_flush_waits_for_what_is_in_flight_only>("D4");
}
TEST(double_buffer_swap_model, a_look_that_misses_a_writer_is_seen) {
  expect_seen<a_look_does_not_see_the_writer>("D9");
}
TEST(double_buffer_swap_model, a_stop_that_waits_for_no_writer_is_seen) {
  expect_seen<a_stop_waits_for_no_writer>("D");
}
TEST(double_buffer_swap_model, a_quiet_shard_that_lets_somebody_in_is_seen) {
  expect_seen<a_quiet_shard_lets_its_generation_in>("D9");
}
TEST(double_buffer_swap_model, a_stop_that_loses_is_seen) { expect_seen<a_stop_forgets_the_fresh_table>("D"); }

}  // namespace
}  // namespace wavetank::model::double_buffer_swap_check_test

// Every crash state of small runs of the log: at each call of the file system, in each mode, and again inside recovery.
#include <wavetank/tests/batch/log_lab.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::log_crash_test {
namespace {

using sim::disk::disk;

/// What may be found after a crash: what was acknowledged, and after it the first few of one line. A line is what was
/// written without a failure between.
struct promise {
  batches acknowledged;
  std::vector<batches> lines{{}};

  bool kept_by(const batches& found) const {
    return std::ranges::any_of(lines, [&](const batches& line) {
      batches most = acknowledged;
      most.insert(most.end(), line.begin(), line.end());
      return found.size() >= acknowledged.size() && found.size() <= most.size() &&
             std::equal(found.begin(), found.end(), most.begin());
    });
  }
};

std::string words(const batches& some) {
  std::string text = "[";
  for (const auto& one : some) text += one + " ";
  return text + "]";
}

/// Stops at each call to look at what a crash there would leave.
struct crash_before_each_call final : sim::disk::call_watcher {
  std::function<void()> look;
  bool before_call(io_call, std::string_view) override {
    look();
    return true;
  }
};

class every_crash {
 public:
  std::uint64_t states = 0;

  /// Recovers from each crash state of `on`; with `depth`, crashes again at each call of the recovery.
  void expect_kept(const disk& on, const promise& owed, int depth) {
    sim::disk::for_each_crash_state(on, {}, [&](const disk& after) {
      ++states;
      recover(after, owed, depth);
    });
  }

 private:
  void recover(const disk& after, const promise& owed, int depth) {
    disk machine{after};
    sim::disk::scripted_decider calm;
    crash_before_each_call watcher;
    watcher.look = [&] {
      if (depth > 0) expect_kept(machine, owed, depth - 1);
    };
    file_system files{machine, 1, calm, watcher};
    const auto found = open_log(files);
    ASSERT_TRUE(found.made) << to_string(found.made.error());
    ASSERT_TRUE(owed.kept_by(found.replayed)) << words(found.replayed) << " instead of " << words(owed.acknowledged);
    if (depth > 0) expect_kept(machine, {.acknowledged = found.replayed}, 0);  // whoever opened it has seen it
  }
};

/// Appends the batches, one sync for so many of them, with a look at every crash state before each call.
std::uint64_t append_and_crash(const sim::disk::disk_options& options, disk_log_options log_options,
                               const batches& texts, std::size_t unsynced, int depth,
                               const std::function<void(std::size_t, log_lab&)>& before_sync_of = {}) {
  log_lab lab{options};
  every_crash all;
  promise owed;
  crash_before_each_call watcher;
  watcher.look = [&] { all.expect_kept(lab.on, owed, depth); };
  file_system files{lab.on, 1, lab.choices, watcher};
  auto opened = open_log(files, log_options);
  EXPECT_TRUE(opened.made);
  for (std::size_t i = 0; i < texts.size();) {
    std::optional<log::written_batch> last;
    const std::size_t first = i;
    for (; i < std::min(first + unsynced, texts.size()); ++i) {
      owed.lines.back().push_back(texts[i]);
      const auto written = opened.made->write(items_of_text(texts[i]));
      EXPECT_TRUE(written);
      last = *written;
    }
    if (before_sync_of) before_sync_of(first, lab);
    opened.made->sync();
    if (log::outcome_of(*last)->has_value()) {
      owed.acknowledged.insert(owed.acknowledged.end(), owed.lines.back().begin(), owed.lines.back().end());
      owed.lines = {{}};
    } else {
      owed.lines.emplace_back();
    }
    all.expect_kept(lab.on, owed, depth);
    if (testing::Test::HasFatalFailure()) break;
  }
  return all.states;
}

class log_crashes : public testing::TestWithParam<crash_mode> {};

TEST_P(log_crashes, lose_nothing_that_was_acknowledged_and_leave_nothing_half) {
  auto options = sim::disk::with_mode(GetParam());
  options.sector_bytes = 512;
  const std::string long_batch(700, 'x');  // over several sectors
  EXPECT_GT(append_and_crash(options, {.segment_bytes = 600}, {"a", long_batch, "b", "c"}, 1, 1), 100U);
}

/// Of several batches that wait for one sync, any sectors may survive: what is found is the first few of them.
TEST_P(log_crashes, leave_the_first_few_of_what_was_not_synced) {
  auto options = sim::disk::with_mode(GetParam());
  options.sector_bytes = 512;
  const std::string long_batch(300, 'x');
  EXPECT_GT(append_and_crash(options, {.reserve_bytes = 0}, {"a", "b", long_batch, "c", "d", "e"}, 3, 1), 500U);
}

/// Frames that are written into zeros: those may be lost, too, and the file be shorter than its frames.
TEST_P(log_crashes, lose_nothing_that_was_written_into_zeros) {
  auto options = sim::disk::with_mode(GetParam());
  options.sector_bytes = 512;
  const std::string long_batch(300, 'x');
  EXPECT_GT(append_and_crash(options, {.reserve_bytes = 500}, {"a", "b", long_batch, "c", "d", "e"}, 2, 1), 500U);
}

TEST_P(log_crashes, show_no_garbage_for_what_was_not_written) {
  auto options = sim::disk::with_mode(GetParam());
  options.writeback = true;
  EXPECT_GT(append_and_crash(options, {.segment_bytes = 100}, {"a", "b", "c"}, 1, 1), 50U);
  EXPECT_GT(append_and_crash(options, {.reserve_bytes = 0}, {"a", "b", "c"}, 2, 1), 50U);
}

/// After a failed sync the next batch may fence the old one off only once it is durable itself.
TEST_P(log_crashes, leave_a_batch_of_unknown_outcome_whole_or_not_at_all) {
  auto options = sim::disk::with_mode(GetParam());
  for (const bool lost : {false, true}) {
    const auto fail_second = [&](std::size_t i, log_lab& lab) {
      if (i != 1) return;
      lab.arm(fault_kind::eio_fsync);
      lab.choices.then("disk: fault at fsync", 1);
      if (lost) lab.choices.then("disk: a failed sync loses a chunk", 1);
    };
    // "c" replaces "b" once it is acknowledged; until then both may be found, never both at once.
    EXPECT_GT(append_and_crash(options, {.reserve_bytes = 0}, {"a", "b", "c", "d"}, 1, 0, fail_second), 20U);
  }
}

/// The same of two that waited for the sync that failed: those of the next segment take their places.
TEST_P(log_crashes, leave_batches_of_unknown_outcome_in_their_order) {
  auto options = sim::disk::with_mode(GetParam());
  options.sector_bytes = 512;
  const std::string long_batch(600, 'x');
  for (const unsigned lost : {0U, 1U, 2U, 3U}) {
    const auto fail_second = [&](std::size_t i, log_lab& lab) {
      if (i != 2) return;
      lab.arm(fault_kind::eio_fsync);
      lab.choices.then("disk: fault at fsync", 1);
      for (unsigned chunk = 0; chunk < 2; ++chunk) {
        lab.choices.then("disk: a failed sync loses a chunk", (lost >> chunk) & 1U);
      }
    };
    EXPECT_GT(append_and_crash(options, {.reserve_bytes = 0}, {"a", "b", "c", long_batch, "e", "f"}, 2, 0, fail_second),
              20U);
  }
}

INSTANTIATE_TEST_SUITE_P(modes, log_crashes,
                         testing::Values(crash_mode::posix, crash_mode::linux_like, crash_mode::journal),
                         [](const auto& of) {
                           return of.param == crash_mode::linux_like ? "linux_like" : std::string{to_string(of.param)};
                         });

}  // namespace
}  // namespace wavetank::batch_tests::log_crash_test

// The log on a disk that fails: what is acknowledged, what is refused, what is not known, and what replay makes of it.
#include <wavetank/tests/batch/log_lab.h>

#include <gtest/gtest.h>

namespace wavetank::batch_tests::disk_log_test {
namespace {

TEST(disk_log, replays_what_was_appended_in_order) {
  log_lab lab;
  {
    auto first = lab.start();
    ASSERT_TRUE(first.made) << to_string(first.made.error());
    EXPECT_EQ(first.made->append(items_of_text("ab")), 1U);
    EXPECT_EQ(first.made->append(items_of_text("")), 2U);
    EXPECT_EQ(first.made->append(items_of_text("cde")), 3U);
    EXPECT_EQ(first.made->synced_sequence(), 3U);
  }
  auto second = lab.start();
  ASSERT_TRUE(second.made) << to_string(second.made.error());
  EXPECT_EQ(second.replayed, (batches{"ab", "", "cde"}));
  EXPECT_EQ(second.made->append(items_of_text("f")), 4U);
  EXPECT_EQ(lab.replay(), (batches{"ab", "", "cde", "f"}));
}

TEST(disk_log, goes_on_over_segments) {
  log_lab lab;
  batches all;
  {
    auto first = lab.start({.segment_bytes = 200});
    for (char c = 'a'; c <= 'z'; ++c) {
      all.emplace_back(1, c);
      ASSERT_TRUE(first.made->append(items_of_text(all.back())));
    }
    EXPECT_GT(list_segments(lab.fs, "/l")->size(), 5U);
  }
  EXPECT_EQ(lab.start().replayed, all);
}

TEST(disk_log, a_segment_grows_by_zeros_ahead_of_its_frames_and_not_beyond_its_size) {
  log_lab lab;
  const auto size_after = [&](log& of, const char* text) {
    EXPECT_TRUE(of.append(items_of_text(text)));
    return lab.fs.stat("/l/" + segment_name(0))->size;
  };
  auto opened = lab.start({.segment_bytes = 300, .reserve_bytes = 100});
  constexpr std::uint64_t frame = frame_header_bytes + 8;
  EXPECT_EQ(size_after(*opened.made, "a"), segment_header_bytes + frame + 100);
  EXPECT_EQ(size_after(*opened.made, "b"), segment_header_bytes + frame + 100) << "there are zeros to write into";
  EXPECT_EQ(size_after(*opened.made, "c"), segment_header_bytes + 3 * frame + 84) << "not beyond the segment's size";
  EXPECT_EQ(size_after(*opened.made, "d"), 300U);
  EXPECT_EQ(size_after(*opened.made, "e"), segment_header_bytes + 5 * frame);
  EXPECT_EQ(lab.replay(), (batches{"a", "b", "c", "d", "e"}));
}

TEST(disk_log, without_room_for_zeros_the_frame_alone_is_written) {
  log_lab lab;
  auto opened = lab.start({.reserve_bytes = 1000});
  lab.arm(fault_kind::enospc);
  lab.choices.then("disk: fault at write", 1);
  EXPECT_EQ(opened.made->append(items_of_text("a")), 1U) << lab.choices.asked();
  EXPECT_EQ(lab.fs.stat("/l/" + segment_name(0))->size, segment_header_bytes + frame_header_bytes + 8);
  EXPECT_EQ(lab.replay(), (batches{"a"}));
}

TEST(disk_log, one_process_at_a_time) {
  log_lab lab;
  const auto first = lab.start();
  sim::disk::process_file_system other{lab.on, 2, lab.choices, lab.watcher};
  const auto second = open_log(other);
  ASSERT_FALSE(second.made);
  EXPECT_EQ(second.made.error().what, log_problem::locked);
}

TEST(disk_log, a_batch_above_the_limit_is_refused) {
  log_lab lab;
  auto opened = lab.start({.max_batch_bytes = 10});
  EXPECT_TRUE(opened.made->append(items_of_text("ab")));
  const auto refused = opened.made->append(items_of_text("abc"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().cause.what, log_problem::too_large);
  EXPECT_FALSE(refused.error().outcome_unknown);
  EXPECT_EQ(lab.replay(), (batches{"ab"}));
}

TEST(disk_log, a_failed_write_is_not_committed_and_the_log_goes_on) {
  log_lab lab;
  auto opened = lab.start();
  lab.arm(fault_kind::enospc);
  lab.choices.then("disk: fault at write", 1);
  const auto refused = opened.made->append(items_of_text("a"));
  ASSERT_FALSE(refused) << lab.choices.asked();
  EXPECT_FALSE(refused.error().outcome_unknown);
  EXPECT_EQ(opened.made->append(items_of_text("b")), 1U);
  EXPECT_EQ(lab.replay(), (batches{"b"}));
}

TEST(disk_log, a_batch_that_lacks_only_zeros_where_zeros_are_may_be_there) {
  log_lab lab;
  auto opened = lab.start({.reserve_bytes = 700});
  lab.arm(fault_kind::enospc);
  lab.arm(fault_kind::short_write);
  lab.choices.then("disk: fault at write", 0);  // the zeros
  lab.choices.then("disk: fault at write", 2);  // the frame, but for its last byte
  lab.choices.then("disk: fault at write", 1);
  const auto cut = opened.made->append(items_of_text("a"));
  ASSERT_FALSE(cut) << lab.choices.asked();
  EXPECT_TRUE(cut.error().outcome_unknown);
  EXPECT_EQ(lab.replay(), (batches{"a"}));
  EXPECT_EQ(opened.made->append(items_of_text("b")), 1U);
  EXPECT_EQ(lab.replay(), (batches{"b"}));
}

TEST(disk_log, after_a_failed_sync_the_outcome_is_unknown_until_a_later_batch_voids_it) {
  for (const bool lost : {false, true}) {
    log_lab lab;
    auto opened = lab.start();
    ASSERT_TRUE(opened.made->append(items_of_text("a")));
    lab.arm(fault_kind::eio_fsync);
    lab.choices.then("disk: fault at fsync", 1);
    if (lost) lab.choices.then("disk: a failed sync loses a chunk", 1);
    const auto unknown = opened.made->append(items_of_text("b"));
    ASSERT_FALSE(unknown);
    EXPECT_TRUE(unknown.error().outcome_unknown);
    EXPECT_EQ(lab.replay(), lost ? batches{"a"} : (batches{"a", "b"}));
    EXPECT_EQ(opened.made->append(items_of_text("c")), 2U);
    EXPECT_EQ(lab.replay(), (batches{"a", "c"}));
  }
}

TEST(disk_log, one_sync_is_for_all_that_was_written_before_it) {
  log_lab lab;
  auto opened = lab.start();
  const auto a = opened.made->write(items_of_text("a"));
  const auto b = opened.made->write(items_of_text("b"));
  ASSERT_TRUE(a && b);
  EXPECT_FALSE(log::outcome_of(*a));
  EXPECT_EQ(opened.made->synced_sequence(), 0U);
  auto running = opened.made->begin_sync();
  const auto c = opened.made->write(items_of_text("c"));
  running.run();
  opened.made->end_sync(running);
  EXPECT_EQ(*log::outcome_of(*a), 1U);
  EXPECT_EQ(*log::outcome_of(*b), 2U);
  EXPECT_FALSE(log::outcome_of(*c)) << "it was written while the sync ran";
  opened.made->sync();
  EXPECT_EQ(*log::outcome_of(*c), 3U);
}

TEST(disk_log, a_write_that_fails_leaves_those_before_it_to_be_synced) {
  log_lab lab;
  auto opened = lab.start();
  const auto a = opened.made->write(items_of_text("a"));
  lab.arm(fault_kind::enospc);
  lab.choices.then("disk: fault at write", 1);
  ASSERT_FALSE(opened.made->write(items_of_text("b"))) << lab.choices.asked();
  EXPECT_FALSE(log::outcome_of(*a));
  const auto c = opened.made->write(items_of_text("c"));
  ASSERT_TRUE(c);
  EXPECT_EQ(*log::outcome_of(*a), 1U) << "a new segment begins when nothing before it is unsettled";
  opened.made->sync();
  EXPECT_EQ(*log::outcome_of(*c), 2U);
  EXPECT_EQ(lab.replay(), (batches{"a", "c"}));
}

TEST(disk_log, a_failed_sync_fails_whatever_was_written_to_the_segment) {
  log_lab lab;
  auto opened = lab.start();
  ASSERT_TRUE(opened.made->append(items_of_text("a")));
  const auto b = opened.made->write(items_of_text("b"));
  auto running = opened.made->begin_sync();
  const auto c = opened.made->write(items_of_text("c"));
  lab.arm(fault_kind::eio_fsync);
  lab.choices.then("disk: fault at fsync", 1);
  running.run();
  opened.made->end_sync(running);
  for (const auto& one : {*b, *c}) {
    ASSERT_TRUE(log::outcome_of(one));
    ASSERT_FALSE(log::outcome_of(one)->has_value());
    EXPECT_TRUE(log::outcome_of(one)->error().outcome_unknown);
  }
  EXPECT_EQ(opened.made->append(items_of_text("d")), 2U);
  EXPECT_FALSE(log::outcome_of(*b)->has_value()) << "another batch has its sequence now";
  EXPECT_EQ(lab.replay(), (batches{"a", "d"}));
}

TEST(disk_log, what_the_cache_shows_after_a_failed_sync_is_not_believed) {
  log_lab lab;
  {
    auto opened = lab.start();
    lab.arm(fault_kind::eio_fsync);
    lab.choices.then("disk: fault at fsync", 1).then("disk: a failed sync loses a chunk", 1);
    ASSERT_FALSE(opened.made->append(items_of_text("a")));
  }
  EXPECT_EQ(lab.start().replayed, batches{});
}

TEST(disk_log, a_directory_that_cannot_be_synced_ends_the_log_until_it_is_opened_again) {
  log_lab lab{sim::disk::with_mode(crash_mode::posix)};  // where a name needs its directory's sync
  {
    auto opened = lab.start({.segment_bytes = 1});
    ASSERT_TRUE(opened.made) << to_string(opened.made.error());
    lab.arm(fault_kind::eio_fsync);
    lab.choices.then("disk: fault at fsync", 1);
    ASSERT_FALSE(opened.made->append(items_of_text("a")));
    lab.arm(fault_kind::log_failure);
    lab.choices.then("disk: fault at fsync of names", 1);
    const auto refused = opened.made->append(items_of_text("b"));
    ASSERT_FALSE(refused) << lab.choices.asked();
    EXPECT_FALSE(refused.error().outcome_unknown);
    EXPECT_EQ(refused.error().cause.what, log_problem::directory_untrusted);
    EXPECT_EQ(opened.made->append(items_of_text("c")).error().cause.what, log_problem::directory_untrusted);
  }
  lab.on.power_loss(lab.choices);
  EXPECT_TRUE(lab.start().made);
}

TEST(disk_log, old_segments_go_and_the_rest_stays) {
  log_lab lab;
  {
    auto opened = lab.start({.segment_bytes = 1});
    for (const char* text : {"a", "b", "c", "d"}) ASSERT_TRUE(opened.made->append(items_of_text(text)));
    EXPECT_EQ(opened.made->discard_before(3), 2U);
  }
  std::vector<std::uint64_t> sequences;
  const auto again =
      log::open(world(), lab.fs, "/l", {}, [&](std::uint64_t s, const auto&) { sequences.push_back(s); });
  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(sequences, (std::vector<std::uint64_t>{3, 4}));
}

}  // namespace
}  // namespace wavetank::batch_tests::disk_log_test

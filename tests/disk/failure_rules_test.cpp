// The rules of the simulated disk, by their numbers: failed syncs, dead processes, snapshots.
#include <wavetank/tests/disk/lab.h>

namespace wavetank::sim::disk::failure_rules_test {
namespace {

TEST(rule_7, a_failed_fsync_leaves_each_chunk_durable_or_lost) {
  for (const fault_kind kind : {fault_kind::eio_fsync, fault_kind::enospc, fault_kind::edquot}) {
    for (std::uint32_t mask = 0; mask < 8; ++mask) {
      lab l;
      l.create_with("/f", pages("AAA"));
      l.sync_all();
      auto f = l.open("/f");
      l.write(f, pages("BBB"));
      l.arm(kind);
      l.choices.then("disk: fault at fsync", 1);
      std::string left;
      for (unsigned i = 0; i < 3; ++i) {
        l.choices.then("disk: a failed sync loses a chunk", (mask >> i) & 1);
        left += (mask >> i) & 1 ? 'A' : 'B';
      }
      EXPECT_NE(error_number(l.fs.fsync(f)), 0);
      EXPECT_EQ(letters(l.read(f)), "BBB") << "lost chunks stay visible";
      EXPECT_TRUE(l.fs.fsync(f)) << "and the next fsync succeeds";
      EXPECT_EQ(letters(l.read("/f", open_mode::read_medium)), left);
      EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/f = " + pages(left) + "\n"}));
      l.on.drop_caches();
      EXPECT_EQ(letters(l.read(f)), left);
    }
  }
}

TEST(rule_7, a_read_of_the_medium_may_drop_the_cache) {
  lab l;
  auto f = l.create("/f");
  l.write(f, pages("B"));
  l.arm(fault_kind::eio_fsync);
  l.choices.then("disk: fault at fsync", 1).then("disk: a failed sync loses a chunk", 1);
  ASSERT_FALSE(l.fs.fsync(f));
  EXPECT_EQ(letters(l.read("/f", open_mode::read_medium)), "0");
  EXPECT_EQ(letters(l.read(f)), "B");
  l.choices.then("disk: a read of the medium drops the pages that it passes", 1);
  EXPECT_EQ(letters(l.read("/f", open_mode::read_medium)), "0");
  EXPECT_EQ(letters(l.read(f)), "0");
}

TEST(rule_7, eviction_spares_what_is_still_to_be_written) {
  lab l;
  auto f = l.create("/f");
  l.write(f, pages("B"));
  ASSERT_TRUE(l.fs.drop_cache(f));
  l.on.drop_caches();
  EXPECT_EQ(letters(l.read(f)), "B");
  EXPECT_EQ(letters(l.read("/f", open_mode::read_medium)), "B");
}

TEST(rule_7, an_overwrite_of_what_is_not_lost_is_safe) {
  lab l;
  auto f = l.create("/f");
  l.write(f, pages("BB"));
  l.arm(fault_kind::eio_fsync);
  l.choices.then("disk: fault at fsync", 1).then("disk: a failed sync loses a chunk", 1);  // the first page only
  ASSERT_FALSE(l.fs.fsync(f));
  l.write(f, pages("C"), page);
  ASSERT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.choices.asked().find("overwrite"), std::string::npos);
  EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/f = " + pages("0C") + "\n"}));
}

TEST(rule_8, each_open_description_reports_an_error_once) {
  lab l;
  auto first = l.create("/f");
  auto second = l.open("/f");
  auto third = l.open("/f", open_mode::read);
  l.write(first, pages("A"));
  l.arm(fault_kind::eio_fsync);
  l.choices.then("disk: fault at fsync", 1);
  EXPECT_EQ(error_number(l.fs.fsync(first)), EIO);
  EXPECT_EQ(error_number(l.fs.fsync(first)), 0);
  EXPECT_EQ(error_number(l.fs.fsync(second)), EIO);
  EXPECT_EQ(error_number(l.fs.fsync(second)), 0);
  auto later = l.open("/f");
  EXPECT_EQ(error_number(l.fs.fsync(later)), 0) << "it was reported before the descriptor was opened";
  EXPECT_EQ(error_number(l.fs.fsync(third)), EIO);
  EXPECT_TRUE(l.fs.close(std::move(first)));
}

TEST(rule_8, an_error_that_nobody_has_seen_is_seen_by_who_opens_later) {
  lab l;
  l.create_with("/f", pages("A"));
  l.arm(fault_kind::enospc);
  l.choices.then("disk: fault at write-back", 1);
  l.sync_all();
  auto first = l.open("/f");
  auto second = l.open("/f");
  EXPECT_EQ(error_number(l.fs.fsync(first)), ENOSPC);
  EXPECT_EQ(error_number(l.fs.fsync(second)), ENOSPC);
  auto third = l.open("/f");
  EXPECT_EQ(error_number(l.fs.fsync(third)), 0);
}

TEST(rule_9, a_failed_log_write_leaves_names_undetermined_and_shuts_down) {
  for (const shutdown_style style : {shutdown_style::read_only, shutdown_style::dead}) {
    disk_options options;
    options.after_log_failure = style;
    lab l{options};
    l.create_with("/old", "old");
    l.sync_all();
    auto old = l.open("/old");
    l.create("/new");
    l.arm(fault_kind::log_failure);
    l.choices.then("disk: fault at fsync of names", 1);
    EXPECT_EQ(error_number(l.fs.fsync_directory("/")), EIO);
    const bool dead = style == shutdown_style::dead;
    const int change = dead ? EIO : EROFS;
    EXPECT_EQ(error_number(l.fs.pwrite(old, 0, bytes_of("x"))), change);
    EXPECT_EQ(error_number(l.fs.truncate(old, 0)), change);
    EXPECT_EQ(error_number(l.fs.open("/x", open_mode::create_exclusive)), change);
    EXPECT_EQ(error_number(l.fs.link("/old", "/x")), change);
    EXPECT_EQ(error_number(l.fs.unlink("/old")), change);
    EXPECT_EQ(error_number(l.fs.rename("/old", "/x", rename_mode::replace)), change);
    EXPECT_EQ(error_number(l.fs.mkdir("/x")), change);
    EXPECT_EQ(l.read("/old") == "old", !dead);
    EXPECT_EQ(l.fs.list("/").has_value(), !dead);
    l.sync_all();
    EXPECT_EQ(l.crash_names(), (name_sets{{"old"}, {"new", "old"}})) << "nothing becomes durable any more";
    l.on.power_loss(l.choices);
    EXPECT_FALSE(l.on.shut_down());
    EXPECT_TRUE(l.fs.unlink("/old"));
  }
}

TEST(rule_9, after_it_a_sync_that_has_something_to_write_fails) {
  disk_options options;
  lab l{options};
  auto f = l.create("/f");
  l.sync_all();
  l.write(f, pages("A"));
  l.create("/g");
  l.arm(fault_kind::log_failure);
  l.choices.then("disk: fault at fsync of names", 1).then("disk: a sync with nothing left to write succeeds", 1, 2);
  ASSERT_FALSE(l.fs.fsync_directory("/"));
  EXPECT_TRUE(l.fs.fsync_directory("/"));
  EXPECT_EQ(error_number(l.fs.fsync(f)), EROFS);
}

TEST(rule_10, killing_a_process_closes_its_files_and_locks_and_nothing_else) {
  lab l;
  process_file_system other{l.on, 2, l.choices, l.watcher};
  auto mine = l.create("/f");
  auto theirs = other.open("/f", open_mode::read_write);
  ASSERT_TRUE(theirs);
  l.write(mine, pages("A"));
  ASSERT_TRUE(l.fs.lock(mine));
  EXPECT_TRUE(means_locked(other.lock(*theirs).error()));
  const auto pending = l.on.free_operations();
  l.on.kill(1);
  EXPECT_EQ(l.on.free_operations(), pending);
  EXPECT_EQ(l.on.open_descriptions(), 1u);
  EXPECT_TRUE(other.lock(*theirs));
  EXPECT_EQ(letters(l.read("/f")), "A");
  EXPECT_EQ(error_number(l.fs.pwrite(mine, 0, bytes_of("x"))), EBADF);
}

TEST(rule_10, phantom_pages_survive_the_process) {
  lab l;
  auto f = l.create("/f");
  l.write(f, pages("B"));
  l.arm(fault_kind::eio_fsync);
  l.choices.then("disk: fault at fsync", 1).then("disk: a failed sync loses a chunk", 1);
  ASSERT_FALSE(l.fs.fsync(f));
  l.on.kill(1);
  EXPECT_EQ(letters(l.read("/f")), "B");
  l.on.power_loss(l.choices);
  EXPECT_EQ(letters(l.read("/f")), "0");
}

TEST(rule_11, a_lying_flush_answers_success_and_makes_nothing_durable) {
  lab l;
  auto f = l.create("/f");
  l.sync_all();
  l.write(f, pages("A"));
  const auto before = l.crash_trees();
  l.arm(fault_kind::lying_flush);
  l.choices.then("disk: fault at fsync", 1);
  EXPECT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.crash_trees(), before);
  EXPECT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.crash_trees().size(), 1u);
}

TEST(snapshot, shares_nothing_that_can_be_seen) {
  lab l;
  l.create_with("/f", pages("A"));
  const disk kept = l.on;
  auto f = l.open("/f");
  l.write(f, pages("B"));
  ASSERT_TRUE(l.fs.unlink("/f"));
  l.sync_all();
  lab other{kept};
  EXPECT_EQ(letters(other.read("/f")), "A");
  EXPECT_EQ(other.on.free_operations(), 3u);
}

}  // namespace
}  // namespace wavetank::sim::disk::failure_rules_test

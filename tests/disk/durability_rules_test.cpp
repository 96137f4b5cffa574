// The rules of the simulated disk, by their numbers: what is durable when, and what a power loss leaves.
#include <wavetank/tests/disk/lab.h>

namespace wavetank::sim::disk::durability_rules_test {
namespace {

TEST(rule_1, power_loss_applies_survivors_in_program_order) {
  lab l;
  auto f = l.create("/f");
  l.sync_all();
  l.write(f, "first");
  l.write(f, "again");
  EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/f = \n", "/\n/f = first\n", "/\n/f = again\n",
                                                    "/\n/f = " + std::string(5, '\0') + "\n"}));
}

TEST(rule_1, power_loss_drops_descriptors_locks_and_nameless_files) {
  lab l;
  auto f = l.create("/f");
  ASSERT_TRUE(l.fs.lock(f));
  l.sync_all();
  ASSERT_TRUE(l.fs.unlink("/f"));
  ASSERT_TRUE(l.fs.fsync_directory("/"));
  EXPECT_EQ(l.on.inodes().size(), 2u) << "open, so it lives without a name";
  l.on.power_loss(l.choices);
  EXPECT_EQ(l.on.inodes().size(), 1u);
  EXPECT_EQ(l.on.open_descriptions(), 0u);
  EXPECT_EQ(error_number(l.fs.pwrite(f, 0, bytes_of("x"))), EBADF);
}

TEST(rule_1, a_nameless_file_is_freed_by_its_last_close) {
  lab l;
  auto f = l.create("/f");
  l.sync_all();
  ASSERT_TRUE(l.fs.unlink("/f"));
  ASSERT_TRUE(l.fs.close(std::move(f)));
  EXPECT_EQ(l.on.inodes().size(), 2u) << "a power loss may bring the name back";
  ASSERT_TRUE(l.fs.fsync_directory("/"));
  EXPECT_EQ(l.on.inodes().size(), 1u);
}

TEST(rule_2, names_survive_in_any_subset_or_a_prefix) {
  const name_sets any{{}, {"a"}, {"b"}, {"a", "b"}};
  const name_sets prefix{{}, {"a"}, {"a", "b"}};
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    l.create("/a");
    l.create("/b");
    EXPECT_EQ(l.crash_names(), mode == crash_mode::journal ? prefix : any) << to_string(mode);
  }
}

TEST(rule_2, data_and_sizes_survive_in_any_subset_whatever_the_mode) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    auto f = l.create("/f");
    l.sync_all();
    l.write(f, pages("A"));
    l.write(f, pages("B"), page);
    const auto trees = l.crash_trees();
    for (const char* left : {"", "A", "0", "AB", "0B", "A0", "00"}) {
      EXPECT_TRUE(trees.contains("/\n/f = " + pages(left) + "\n")) << left;
    }
    EXPECT_EQ(trees.size(), 7u);
  }
}

TEST(rule_2, with_writeback_a_size_without_its_data_shows_garbage) {
  disk_options options;
  options.writeback = true;
  lab l{options};
  auto f = l.create("/f");
  l.sync_all();
  l.write(f, pages("A"));
  bool garbage_seen = false;
  for (const std::string& tree : l.crash_trees()) {
    EXPECT_NE(tree, "/\n/f = " + pages("0") + "\n");
    garbage_seen = garbage_seen || (tree != "/\n/f = \n" && tree != "/\n/f = " + pages("A") + "\n");
  }
  EXPECT_TRUE(garbage_seen);
}

TEST(rule_2, with_writeback_a_hole_still_reads_zeros) {
  disk_options options;
  options.writeback = true;
  lab l{options};
  auto f = l.create("/f");
  l.sync_all();
  ASSERT_TRUE(l.fs.truncate(f, page));
  EXPECT_TRUE(l.crash_trees().contains("/\n/f = " + pages("0") + "\n"));
}

TEST(rule_3, a_name_without_its_data_shows_an_empty_or_zero_filled_file) {
  lab l;
  l.create_with("/f", pages("A"));
  ASSERT_TRUE(l.fs.fsync_directory("/"));
  EXPECT_EQ(l.crash_trees(),
            (std::set<std::string>{"/\n/f = \n", "/\n/f = " + pages("0") + "\n", "/\n/f = " + pages("A") + "\n"}));
}

TEST(rule_3, a_file_without_its_data_is_read_without_an_error) {
  lab l;
  l.create_with("/f", pages("A"));
  ASSERT_TRUE(l.fs.fsync_directory("/"));
  std::set<std::string> read;
  for_each_crash_state(l.on, {}, [&](const disk& after) { read.insert(lab{after}.read("/f")); });
  EXPECT_EQ(read, (std::set<std::string>{"", pages("0"), pages("A")}));
}

TEST(rule_4, fsync_and_fdatasync_of_a_file_make_data_and_size_durable) {
  for (const bool data_only : {false, true}) {
    lab l{with_mode(crash_mode::posix)};
    auto f = l.create("/f");
    l.sync_all();
    l.write(f, pages("AB"));
    ASSERT_TRUE(data_only ? l.fs.fdatasync(f) : l.fs.fsync(f));
    EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/f = " + pages("AB") + "\n"}));
  }
}

TEST(rule_4, fsync_of_a_file_says_nothing_about_other_files) {
  lab l;
  auto f = l.create("/f");
  auto g = l.create("/g");
  l.sync_all();
  l.write(f, pages("A"));
  l.write(g, pages("B"));
  ASSERT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.count_crash_states().states, 3u);
}

TEST(rule_4, the_names_of_a_synced_file_depend_on_the_mode) {
  const auto after_sync = [](crash_mode mode) {
    lab l{with_mode(mode)};
    l.create("/other");
    auto f = l.create("/f");
    EXPECT_TRUE(l.fs.link("/f", "/g"));
    l.create("/later");
    EXPECT_TRUE(l.fs.fsync(f));
    return l.crash_names();
  };
  EXPECT_EQ(after_sync(crash_mode::posix).size(), 16u);
  EXPECT_EQ(after_sync(crash_mode::linux_like),
            (name_sets{{"f", "g"}, {"f", "g", "other"}, {"f", "g", "later"}, {"f", "g", "later", "other"}}));
  EXPECT_EQ(after_sync(crash_mode::journal), (name_sets{{"f", "g", "other"}, {"f", "g", "other", "later"}}));
}

TEST(rule_4, a_name_that_a_synced_file_has_no_more_is_not_made_durable) {
  lab l;
  auto f = l.create("/f");
  ASSERT_TRUE(l.fs.link("/f", "/g"));
  ASSERT_TRUE(l.fs.unlink("/f"));
  ASSERT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.crash_names(), (name_sets{{"g"}, {"f", "g"}}));
}

TEST(rule_4, what_is_durable_is_not_undone_by_an_earlier_operation) {
  lab l;
  auto f = l.create("/a");
  ASSERT_TRUE(l.fs.rename("/a", "/b", rename_mode::replace));
  ASSERT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(l.crash_names(), (name_sets{{"b"}}));
}

TEST(rule_5, fsync_of_a_directory_makes_its_names_durable_and_no_data) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    l.create_with("/f", pages("A"));
    l.create("/g");
    ASSERT_TRUE(l.fs.unlink("/g"));
    ASSERT_TRUE(l.fs.fsync_directory("/"));
    EXPECT_EQ(l.crash_trees().size(), 3u) << "empty, zeros, A";
    EXPECT_EQ(l.crash_names(), (name_sets{{"f"}}));
  }
}

TEST(rule_5, fsync_of_a_directory_says_nothing_about_others_unless_a_journal_orders_them) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    ASSERT_TRUE(l.fs.mkdir("/d"));
    l.sync_all();
    l.create("/f");
    l.create("/d/g");
    ASSERT_TRUE(l.fs.fsync_directory("/d"));
    EXPECT_EQ(l.crash_names(), mode == crash_mode::journal ? (name_sets{{"d", "f"}}) : (name_sets{{"d"}, {"d", "f"}}));
  }
}

TEST(rule_5, in_posix_a_directory_may_lose_its_own_name) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    ASSERT_TRUE(l.fs.mkdir("/d"));
    l.create("/d/f");
    ASSERT_TRUE(l.fs.fsync_directory("/d"));
    const auto lost = l.crash_trees().contains("/\n");
    EXPECT_EQ(lost, mode == crash_mode::posix) << to_string(mode);
    EXPECT_EQ(l.crash_trees().size(), lost ? 2u : 1u);
  }
}

TEST(rule_5, a_rename_between_directories_is_durable_with_either) {
  for (const char* synced : {"/from", "/to"}) {
    lab l;
    ASSERT_TRUE(l.fs.mkdir("/from"));
    ASSERT_TRUE(l.fs.mkdir("/to"));
    l.create("/from/f");
    l.sync_all();
    ASSERT_TRUE(l.fs.rename("/from/f", "/to/f", rename_mode::no_replace));
    EXPECT_EQ(l.crash_trees().size(), 2u);
    ASSERT_TRUE(l.fs.fsync_directory(synced));
    EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/from/\n/to/\n/to/f = \n"}));
  }
}

TEST(rule_6, write_back_makes_one_operation_durable) {
  lab l;
  l.create("/a");
  l.create("/b");
  scripted_decider second;
  second.then("disk: operation written back", 2);
  l.on.write_back(second);
  EXPECT_EQ(l.crash_names(), (name_sets{{"b"}, {"a", "b"}}));
  calm_decider calm;
  l.on.write_back(calm);
  EXPECT_EQ(l.on.free_operations(), 1u);
}

TEST(rule_6, write_back_in_a_journal_keeps_the_order_of_names) {
  lab l{with_mode(crash_mode::journal)};
  l.create("/a");
  l.create("/b");
  l.create("/c");
  scripted_decider second;
  second.then("disk: operation written back", 2);
  l.on.write_back(second);
  EXPECT_EQ(l.crash_names(), (name_sets{{"a", "b"}, {"a", "b", "c"}}));
}

TEST(rule_6, write_back_never_adds_a_crash_state) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    lab l{with_mode(static_cast<crash_mode>(seed % 3))};
    auto f = l.create("/f");
    l.write(f, pages("AB"));
    ASSERT_TRUE(l.fs.rename("/f", "/g", rename_mode::replace));
    l.write(f, pages("C"));
    ASSERT_TRUE(l.fs.truncate(f, page / 2));
    auto before = l.crash_trees();
    random_decider random{execution_seed(3, seed)};
    while (l.on.free_operations() != 0) {
      l.on.write_back(random);
      const auto after = l.crash_trees();
      ASSERT_TRUE(std::ranges::includes(before, after)) << "seed " << seed;
      before = after;
    }
    ASSERT_EQ(before.size(), 1u);
  }
}

TEST(rule_6, write_back_happens_before_calls_if_the_options_say_so) {
  disk_options options;
  options.background_write_back = true;
  lab l{options};
  l.create("/a");
  l.choices.then("disk: operation written back", 1);
  ASSERT_TRUE(l.fs.stat("/a"));
  EXPECT_EQ(l.on.free_operations(), 0u);
}

}  // namespace
}  // namespace wavetank::sim::disk::durability_rules_test

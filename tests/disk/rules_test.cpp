// The rules of the simulated disk, one by one, by the number that each has in its specification.
#include <wavetank/tests/disk/lab.h>

namespace wavetank::sim::disk {
namespace {

disk_options with_mode(crash_mode mode) {
  disk_options options;
  options.mode = mode;
  return options;
}

bool has(const std::set<std::string>& trees, const std::string& text) { return trees.contains(text); }

/// The names in the root that some crash state has.
std::set<std::string> names_of(const disk& after) {
  std::set<std::string> names;
  for (const auto& [name, target] : *after.inodes().front().second->entries) names.insert(std::string{name.text()});
  return names;
}
std::set<std::set<std::string>> crash_names(const lab& l) {
  std::set<std::set<std::string>> all;
  for_each_crash_state(l.on, {}, [&](const disk& after) { all.insert(names_of(after)); });
  return all;
}
using name_sets = std::set<std::set<std::string>>;

// 1 -------------------------------------------------------------------------------------------------------------------

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

// 2 -------------------------------------------------------------------------------------------------------------------

TEST(rule_2, names_survive_in_any_subset_or_a_prefix) {
  const name_sets any{{}, {"a"}, {"b"}, {"a", "b"}};
  const name_sets prefix{{}, {"a"}, {"a", "b"}};
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    l.create("/a");
    l.create("/b");
    EXPECT_EQ(crash_names(l), mode == crash_mode::journal ? prefix : any) << to_string(mode);
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
      EXPECT_TRUE(has(trees, "/\n/f = " + pages(left) + "\n")) << left;
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
  EXPECT_TRUE(has(l.crash_trees(), "/\n/f = " + pages("0") + "\n"));
}

// 3 -------------------------------------------------------------------------------------------------------------------

TEST(rule_3, a_name_without_its_data_shows_an_empty_or_zero_filled_file) {
  lab l;
  l.create_with("/f", pages("A"));
  ASSERT_TRUE(l.fs.fsync_directory("/"));
  EXPECT_EQ(l.crash_trees(),
            (std::set<std::string>{"/\n/f = \n", "/\n/f = " + pages("0") + "\n", "/\n/f = " + pages("A") + "\n"}));
}

// 4 -------------------------------------------------------------------------------------------------------------------

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
    return crash_names(l);
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
  EXPECT_EQ(crash_names(l), (name_sets{{"g"}, {"f", "g"}}));
}

TEST(rule_4, what_is_durable_is_not_undone_by_an_earlier_operation) {
  lab l;
  auto f = l.create("/a");
  ASSERT_TRUE(l.fs.rename("/a", "/b", rename_mode::replace));
  ASSERT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(crash_names(l), (name_sets{{"b"}}));
}

// 5 -------------------------------------------------------------------------------------------------------------------

TEST(rule_5, fsync_of_a_directory_makes_its_names_durable_and_no_data) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    lab l{with_mode(mode)};
    l.create_with("/f", pages("A"));
    l.create("/g");
    ASSERT_TRUE(l.fs.unlink("/g"));
    ASSERT_TRUE(l.fs.fsync_directory("/"));
    EXPECT_EQ(l.crash_trees().size(), 3u) << "empty, zeros, A";
    EXPECT_EQ(crash_names(l), (name_sets{{"f"}}));
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
    EXPECT_EQ(crash_names(l), mode == crash_mode::journal ? (name_sets{{"d", "f"}}) : (name_sets{{"d"}, {"d", "f"}}));
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

// 6 -------------------------------------------------------------------------------------------------------------------

TEST(rule_6, write_back_makes_one_operation_durable) {
  lab l;
  l.create("/a");
  l.create("/b");
  scripted_decider second;
  second.then("disk: operation written back", 2);
  l.on.write_back(second);
  EXPECT_EQ(crash_names(l), (name_sets{{"b"}, {"a", "b"}}));
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
  EXPECT_EQ(crash_names(l), (name_sets{{"a", "b"}, {"a", "b", "c"}}));
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

// 7 -------------------------------------------------------------------------------------------------------------------

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

// 8 -------------------------------------------------------------------------------------------------------------------

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

// 9 -------------------------------------------------------------------------------------------------------------------

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
    EXPECT_EQ(crash_names(l), (name_sets{{"old"}, {"new", "old"}})) << "nothing becomes durable any more";
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

// 10 ------------------------------------------------------------------------------------------------------------------

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

// 11 ------------------------------------------------------------------------------------------------------------------

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

// 12 ------------------------------------------------------------------------------------------------------------------

TEST(rule_12, every_call_meets_the_errors_of_its_menu) {
  const auto expect = [](fault_kind kind, int wanted, std::string_view label, auto&& call) {
    lab l;
    l.create_with("/f", "text");
    auto f = l.open("/f");
    l.arm(kind);
    l.choices.then(label, 1);
    EXPECT_EQ(error_number(call(l, f)), wanted) << to_string(kind) << " " << label;
    EXPECT_EQ(l.on.options().faults[kind], 0u);
    EXPECT_EQ(error_number(call(l, f)), 0) << "a fault strikes once";
  };
  std::byte room[4];
  const auto read = [&](lab& l, lab::file& f) { return l.fs.pread(f, 0, room); };
  const auto write = [](lab& l, lab::file& f) { return l.fs.pwrite(f, 0, bytes_of("x")); };
  const auto open = [](lab& l, lab::file&) { return l.fs.open("/f", open_mode::read); };
  const auto create = [](lab& l, lab::file&) { return l.fs.open("/new", open_mode::create_exclusive); };
  const auto link = [](lab& l, lab::file&) { return l.fs.link("/f", "/g"); };
  const auto unlink = [](lab& l, lab::file&) { return l.fs.unlink("/f"); };
  const auto rename = [](lab& l, lab::file&) { return l.fs.rename("/f", "/g", rename_mode::replace); };
  const auto mkdir = [](lab& l, lab::file&) { return l.fs.mkdir("/d"); };
  const auto list = [](lab& l, lab::file&) { return l.fs.list("/"); };
  const auto truncate = [](lab& l, lab::file& f) { return l.fs.truncate(f, 1); };
  expect(fault_kind::eio_read, EIO, "disk: fault at read", read);
  expect(fault_kind::eio_read, EIO, "disk: fault at list", list);
  expect(fault_kind::emfile, EMFILE, "disk: fault at open", open);
  expect(fault_kind::emfile, EMFILE, "disk: fault at create", create);
  for (const auto& [kind, wanted] : {std::pair{fault_kind::enospc, ENOSPC}, std::pair{fault_kind::edquot, EDQUOT},
                                     std::pair{fault_kind::erofs, EROFS}, std::pair{fault_kind::eio_write, EIO}}) {
    expect(kind, wanted, "disk: fault at write", write);
    expect(kind, wanted, "disk: fault at create", create);
    expect(kind, wanted, "disk: fault at link", link);
    expect(kind, wanted, "disk: fault at rename", rename);
    expect(kind, wanted, "disk: fault at mkdir", mkdir);
  }
  expect(fault_kind::erofs, EROFS, "disk: fault at unlink", unlink);
  expect(fault_kind::eio_write, EIO, "disk: fault at truncate", truncate);
}

TEST(rule_12, interruptions_and_short_transfers_are_absorbed) {
  lab l;
  auto f = l.create("/f");
  l.arm(fault_kind::eintr, 2);
  l.arm(fault_kind::short_write);
  l.arm(fault_kind::short_read);
  l.choices.then("disk: fault at write", 1).then("disk: fault at write", 2);
  l.choices.then("disk: bytes cut off a transfer", 3);
  l.write(f, "abcdefgh");
  EXPECT_EQ(l.on.options().faults[fault_kind::short_write], 0u);
  l.choices.then("disk: fault at read", 1).then("disk: fault at read", 1);
  EXPECT_EQ(l.read(f), "abcdefgh");
  EXPECT_EQ(l.on.options().faults[fault_kind::eintr], 0u);
  EXPECT_EQ(l.on.options().faults[fault_kind::short_read], 0u);
}

TEST(rule_12, no_space_in_the_middle_of_a_write_says_how_many_bytes_are_wanted) {
  lab l;
  auto f = l.create("/f");
  l.arm(fault_kind::short_write);
  l.arm(fault_kind::enospc);
  l.choices.then("disk: fault at write", 2).then("disk: fault at write", 1);
  const auto written = l.fs.pwrite(f, 0, bytes_of("abcdefgh"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), (io_error{io_call::pwrite, ENOSPC, 1}));
  EXPECT_EQ(to_string(written.error()), "pwrite: No space left on device (errno 28), 1 bytes wanted");
  EXPECT_EQ(l.read(f), "abcdefg");
}

TEST(rule_12, a_lost_write_is_noticed_by_nobody_until_the_cache_is_gone) {
  lab l;
  l.create_with("/f", pages("A"));
  l.sync_all();
  auto f = l.open("/f");
  l.write(f, pages("B"));
  l.arm(fault_kind::lost_write);
  l.choices.then("disk: fault of the drive at write", 1);
  EXPECT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(letters(l.read(f)), "B");
  EXPECT_EQ(letters(l.read("/f", open_mode::read_medium)), "A");
  EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/f = " + pages("A") + "\n"}));
}

TEST(rule_12, a_misdirected_write_hits_another_sector) {
  lab l;
  l.create_with("/f", pages("A"));
  l.create_with("/victim", pages("VW"));
  l.sync_all();
  auto f = l.open("/f");
  l.write(f, pages("B"));
  l.arm(fault_kind::misdirected_write);
  l.choices.then("disk: fault of the drive at write", 1).then("disk: where a misdirected write lands", 1);
  EXPECT_TRUE(l.fs.fsync(f));
  EXPECT_EQ(letters(l.read(f)), "B");
  EXPECT_EQ(letters(l.read("/victim")), "VW");
  l.on.drop_caches();
  EXPECT_EQ(letters(l.read(f)), "A");
  EXPECT_EQ(letters(l.read("/victim")), "VB");
}

TEST(rule_12, a_bit_that_rots_stays_so) {
  lab l;
  l.create_with("/f", "text");
  l.sync_all();
  auto f = l.open("/f");
  l.arm(fault_kind::bit_rot);
  l.choices.then("disk: fault at read", 1).then("disk: bit that flips", 9);
  EXPECT_EQ(l.read(f), "tgxt");
  EXPECT_EQ(l.read(f), "tgxt");
  l.on.power_loss(l.choices);
  EXPECT_EQ(l.read("/f"), "tgxt");
}

TEST(rule_12, a_latent_sector_error_answers_the_same_until_it_is_written) {
  lab l;
  l.create_with("/f", pages("AB"));
  l.sync_all();
  auto f = l.open("/f");
  l.arm(fault_kind::latent_sector_error);
  l.choices.then("disk: fault at read", 1).then("disk: sector that decays", 1);
  std::string room(2 * page, '?');
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(error_number(l.fs.pread(f, 0, std::as_writable_bytes(std::span{room}))), EIO);
    EXPECT_TRUE(l.fs.pread(f, 0, std::as_writable_bytes(std::span{room}.first(page))));
  }
  l.on.power_loss(l.choices);
  auto again = l.open("/f");
  EXPECT_EQ(error_number(l.fs.pread(again, page, std::as_writable_bytes(std::span{room}))), EIO);
  EXPECT_EQ(error_number(l.fs.pwrite(again, page + 1, bytes_of("x"))), EIO) << "a part of it cannot be kept";
  l.write(again, pages("C"), page);
  EXPECT_EQ(letters(l.read(again)), "AC");
}

TEST(rule_12, delays_have_a_heavy_tail_and_are_told_to_the_watcher) {
  struct stopwatch final : call_watcher {
    bool before_call(io_call, std::string_view path) override {
      calls += std::string{path} + " ";
      return true;
    }
    void elapse(std::chrono::nanoseconds duration) override { total += duration; }
    std::string calls;
    std::chrono::nanoseconds total{};
  };
  using namespace std::chrono_literals;
  lab l;
  stopwatch watch;
  process_file_system fs{l.on, 1, l.choices, watch};
  l.arm(fault_kind::delay);
  l.arm(fault_kind::stall);
  l.choices.then("disk: how long the call takes", 1).then("disk: length of a delay", 4);
  ASSERT_TRUE(fs.mkdir("/d"));
  EXPECT_EQ(watch.total, 10s);
  l.choices.then("disk: how long the call takes", 1);
  ASSERT_TRUE(fs.list("/d"));
  EXPECT_EQ(watch.total, 10s + 10min);
  ASSERT_TRUE(fs.stat("/d"));
  EXPECT_EQ(watch.total, 10s + 10min);
  EXPECT_EQ(watch.calls, "/d /d /d ");
}

TEST(rule_12, a_call_that_the_watcher_unwinds_has_not_happened) {
  struct killer final : call_watcher {
    bool before_call(io_call, std::string_view) override { throw std::runtime_error("killed"); }
  };
  lab l;
  killer kills;
  process_file_system fs{l.on, 2, l.choices, kills};
  EXPECT_THROW(static_cast<void>(fs.mkdir("/d")), std::runtime_error);
  EXPECT_EQ(error_number(l.fs.stat("/d")), ENOENT);
}

TEST(rule_12, a_call_of_a_process_that_is_dead_does_not_happen) {
  struct grave final : call_watcher {
    bool before_call(io_call, std::string_view) override { return false; }
  };
  lab l;
  grave dead;
  process_file_system fs{l.on, 2, l.choices, dead};
  EXPECT_EQ(error_number(fs.mkdir("/d")), EIO);
  EXPECT_EQ(error_number(l.fs.stat("/d")), ENOENT);
}

TEST(rule_12, a_write_in_flight_may_be_there_in_part) {
  lab l;
  auto f = l.create("/f");
  l.sync_all();
  l.arm(fault_kind::short_write);
  l.choices.then("disk: fault at write", 1).then("disk: bytes cut off a transfer", page - 1);
  calm_decider calm;
  struct breaker final : call_watcher {
    bool before_call(io_call, std::string_view) override {
      if (++calls == 2) throw std::runtime_error("the power is cut");
      return true;
    }
    int calls = 0;
  };
  breaker cut;
  process_file_system fs{l.on, 1, l.choices, cut};
  EXPECT_THROW(static_cast<void>(fs.pwrite(f, 0, bytes_of(pages("AA")))), std::runtime_error);
  EXPECT_TRUE(has(l.crash_trees(), "/\n/f = " + pages("A") + "\n"));
  EXPECT_FALSE(has(l.crash_trees(), "/\n/f = " + pages("AA") + "\n"));
}

// Snapshots -----------------------------------------------------------------------------------------------------------

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
}  // namespace wavetank::sim::disk

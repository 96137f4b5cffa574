// The enumeration of crash states: against counts that combinatorics gives, and against a naive enumeration.
#include <wavetank/tests/disk/lab.h>

#include <cmath>

namespace wavetank::sim::disk::crash_states_test {
namespace {

constexpr crash_mode modes[] = {crash_mode::posix, crash_mode::linux_like, crash_mode::journal};

TEST(crash_states, nothing_pending_leaves_one_state) {
  lab l;
  l.create_with("/f", pages("A"));
  l.sync_all();
  const auto seen = l.count_crash_states();
  EXPECT_EQ(seen.states, 1u);
  EXPECT_EQ(seen.subsets, 1u);
  EXPECT_TRUE(seen.exhaustive);
}

TEST(crash_states, n_new_names_leave_any_subset_or_a_prefix) {
  for (const crash_mode mode : modes) {
    for (unsigned n = 0; n <= 8; ++n) {
      lab l{with_mode(mode)};
      for (unsigned i = 0; i < n; ++i) l.create("/f" + std::to_string(i));
      EXPECT_EQ(l.count_crash_states().states, mode == crash_mode::journal ? n + 1 : 1u << n) << to_string(mode) << n;
    }
  }
}

TEST(crash_states, k_overwritten_sectors_are_torn_in_any_subset) {
  for (const std::uint32_t sector_bytes : {512u, 4096u}) {
    for (unsigned k = 1; k <= 10; ++k) {
      disk_options options;
      options.sector_bytes = sector_bytes;
      lab l{options};
      l.create_with("/f", std::string(k * sector_bytes, 'A'));
      l.sync_all();
      auto f = l.open("/f");
      l.write(f, std::string(k * sector_bytes, 'B'));
      EXPECT_EQ(l.count_crash_states().states, 1u << k);
    }
  }
}

TEST(crash_states, k_appended_sectors_are_unseen_without_their_size) {
  for (unsigned k = 1; k <= 8; ++k) {
    lab l;
    auto f = l.create("/f");
    l.sync_all();
    l.write(f, std::string(k * page, 'B'));
    EXPECT_EQ(l.count_crash_states().states, (1u << k) + 1);  // empty, or the size with any subset
    EXPECT_EQ(l.count_crash_states().subsets, 2u << k);
  }
}

TEST(crash_states, files_multiply) {
  lab l;
  auto a = l.create("/a");
  auto b = l.create("/b");
  l.sync_all();
  l.write(a, pages("AA"));
  l.write(b, pages("BBB"));
  EXPECT_EQ(l.count_crash_states().states, (4u + 1) * (8u + 1));
}

TEST(crash_states, a_file_without_a_name_tells_no_bytes_apart) {
  lab l;
  l.create_with("/f", pages("ABC"));
  EXPECT_EQ(l.count_crash_states().states, 1u + 1 + 8);  // absent; empty; sized with any subset
}

TEST(crash_states, a_rename_is_one_step) {
  for (const crash_mode mode : modes) {
    lab l{with_mode(mode)};
    l.create_with("/a", "a");
    l.create_with("/b", "b");
    l.sync_all();
    ASSERT_TRUE(l.fs.rename("/a", "/b", rename_mode::replace));
    EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n/a = a\n/b = b\n", "/\n/b = a\n"}));
  }
}

TEST(crash_states, names_of_one_inode_differ_from_two_files) {
  lab l;
  l.create("/a");
  l.sync_all();
  ASSERT_TRUE(l.fs.link("/a", "/b"));
  const auto linked = l.crash_trees();
  lab two;
  two.create("/a");
  two.sync_all();
  two.create("/b");
  EXPECT_EQ(linked.size(), 2u);
  EXPECT_EQ(two.crash_trees().size(), 2u);
  EXPECT_NE(linked, two.crash_trees());
}

TEST(crash_states, inode_numbers_do_not_tell_trees_apart) {
  lab l;
  l.create("/a");
  ASSERT_TRUE(l.fs.unlink("/a"));
  l.create("/a");
  EXPECT_EQ(l.count_crash_states().states, 2u);
  EXPECT_EQ(l.count_crash_states().subsets, 8u);
}

TEST(crash_states, a_name_in_a_lost_directory_is_lost) {
  lab l;
  ASSERT_TRUE(l.fs.mkdir("/d"));
  l.create("/d/f");
  EXPECT_EQ(l.crash_trees(), (std::set<std::string>{"/\n", "/\n/d/\n", "/\n/d/\n/d/f = \n"}));
}

TEST(crash_states, the_root_is_there_whatever_is_lost) {
  lab l;
  l.create("/f");
  const auto seen = l.count_crash_states();
  EXPECT_EQ(seen.possible, 2.0L);
}

// A random program of a few calls; what it names may or may not be there.
void step(lab& l, generator& random) {
  static const char* const paths[] = {"/a", "/b", "/d/a", "/d/b"};
  const auto path = [&] { return paths[random() % 4]; };
  switch (random() % 11) {
    case 0:
      static_cast<void>(l.fs.open(path(), open_mode::create_exclusive));
      break;
    case 1:
      static_cast<void>(l.fs.mkdir("/d"));
      break;
    case 2:
      static_cast<void>(l.fs.link(path(), path()));
      break;
    case 3:
      static_cast<void>(l.fs.unlink(path()));
      break;
    case 4:
      static_cast<void>(l.fs.rename(path(), path(), rename_mode::replace));
      break;
    case 5:
    case 6:
    case 7:
      if (auto f = l.fs.open(path(), open_mode::read_write)) {
        const std::string text(1 + random() % 1200, static_cast<char>('A' + random() % 26));
        static_cast<void>(l.fs.pwrite(*f, random() % 1500, bytes_of(text)));
      }
      break;
    case 8:
      if (auto f = l.fs.open(path(), open_mode::read_write)) static_cast<void>(l.fs.truncate(*f, random() % 2000));
      break;
    case 9:
      if (auto f = l.fs.open(path(), open_mode::read_write)) static_cast<void>(l.fs.fsync(*f));
      break;
    default:
      if (random() % 4 == 0) static_cast<void>(l.fs.fsync_directory(random() % 2 == 0 ? "/" : "/d"));
      break;
  }
}

TEST(crash_states, are_those_of_a_naive_enumeration) {
  std::uint64_t compared = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    disk_options options = with_mode(modes[seed % 3]);
    options.sector_bytes = 512;
    options.writeback = seed % 5 == 0;
    lab l{options};
    generator random{execution_seed(1, seed)};
    for (unsigned i = 0; i < 12 && l.on.free_operations() < 10; ++i) step(l, random);
    const std::size_t free = l.on.free_operations();
    if (free > 12) continue;

    std::set<std::string> naive;
    long double allowed = 0;
    for (std::uint32_t mask = 0; mask < 1u << free; ++mask) {
      survivors chosen(free);
      for (std::size_t i = 0; i < free; ++i) chosen[i] = (mask >> i) & 1;
      if (!l.on.allowed(chosen)) continue;
      ++allowed;
      naive.insert(tree_text(l.on.after_power_loss(chosen)));
    }
    std::multiset<std::string> seen;
    std::set<std::uint64_t> hashes;
    const auto summary = for_each_crash_state(l.on, {}, [&](const disk& after) {
      seen.insert(tree_text(after));
      hashes.insert(tree_hash(after));
      EXPECT_TRUE(after.operations().empty());
    });
    ASSERT_EQ(std::set<std::string>(seen.begin(), seen.end()), naive) << "seed " << seed;
    ASSERT_EQ(seen.size(), naive.size()) << "a tree was visited twice, seed " << seed;
    ASSERT_EQ(hashes.size(), naive.size()) << "two trees have one hash, seed " << seed;
    ASSERT_EQ(summary.possible, allowed);
    ASSERT_EQ(summary.subsets, static_cast<std::uint64_t>(allowed));
    compared += naive.size();
  }
  EXPECT_GT(compared, 10000u);
}

TEST(crash_states, everything_surviving_is_what_the_kernel_showed) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    disk_options options = with_mode(modes[seed % 3]);
    options.sector_bytes = 512;
    lab l{options};
    generator random{execution_seed(2, seed)};
    for (unsigned i = 0; i < 60; ++i) step(l, random);
    lab after{l.on.after_power_loss(survivors(l.on.free_operations(), 1))};
    l.sync_all();
    ASSERT_TRUE(l.on.operations().empty());
    lab synced{l.on.after_power_loss({})};
    ASSERT_EQ(tree_text(after.on), tree_text(synced.on)) << "seed " << seed;
    for (const char* path : {"/a", "/b", "/d/a", "/d/b"}) {
      ASSERT_EQ(after.read(path), l.read(path)) << path << " seed " << seed;
    }
  }
}

TEST(crash_states, too_many_are_sampled_and_said_to_be) {
  lab l;
  for (unsigned i = 0; i < 40; ++i) l.create("/f" + std::to_string(i));
  std::set<std::string> trees;
  crash_limits limits;
  limits.samples = 300;
  const auto summary = for_each_crash_state(l.on, limits, [&](const disk& after) { trees.insert(tree_text(after)); });
  EXPECT_FALSE(summary.exhaustive);
  EXPECT_EQ(summary.possible, std::ldexp(1.0L, 40));
  EXPECT_EQ(summary.states, trees.size());
  EXPECT_GE(summary.states, 2u + 40 + 40 + 38);  // none, all, alone, missing, prefixes
  EXPECT_TRUE(trees.contains(tree_text(l.on.after_power_loss(survivors(40, 0)))));
  EXPECT_TRUE(trees.contains(tree_text(l.on.after_power_loss(survivors(40, 1)))));
}

TEST(crash_states, samples_of_a_journal_are_allowed) {
  lab l{with_mode(crash_mode::journal)};
  for (unsigned i = 0; i < 30; ++i) l.create_with("/f" + std::to_string(i), pages("A"));
  crash_limits limits;
  limits.samples = 500;
  for_each_crash_state(l.on, limits, [&](const disk& after) {
    const auto names =
        std::distance(after.inodes().front().second->entries->begin(), after.inodes().front().second->entries->end());
    for (std::ptrdiff_t i = 0; i < names; ++i) {
      ASSERT_NE(after.inodes().front().second->entries->find("f" + std::to_string(i)), no_inode);
    }
  });
}

TEST(crash_states, recovery_can_crash_again) {
  lab l;
  l.create_with("/tmp", pages("AB"));
  std::uint64_t inner = 0;
  for_each_crash_state(l.on, {}, [&](disk after) {
    lab recovery{std::move(after)};
    if (!recovery.fs.unlink("/tmp")) return;
    for_each_crash_state(recovery.on, {}, [&](const disk& again) {
      ++inner;
      EXPECT_LE(again.inodes().size(), 2u);
    });
  });
  EXPECT_EQ(inner, 5u * 2);  // empty, and sized with any subset of two sectors; each with and without the name
}

}  // namespace
}  // namespace wavetank::sim::disk::crash_states_test

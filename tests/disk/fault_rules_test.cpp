// The rules of the simulated disk, by their numbers: the faults that a call may meet.
#include <wavetank/tests/disk/lab.h>

namespace wavetank::sim::disk::fault_rules_test {
namespace {

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
  EXPECT_TRUE(l.crash_trees().contains("/\n/f = " + pages("A") + "\n"));
  EXPECT_FALSE(l.crash_trees().contains("/\n/f = " + pages("AA") + "\n"));
}

}  // namespace
}  // namespace wavetank::sim::disk::fault_rules_test

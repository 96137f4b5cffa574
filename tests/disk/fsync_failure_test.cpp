// The fsync failures that were measured on ext4 and xfs, step by step. Each scenario is run with the decisions that the
// file system took, and every answer is compared with the table, which is read from its file.
#include <wavetank/tests/disk/lab.h>

#include <fstream>

namespace wavetank::sim::disk::fsync_failure_test {
namespace {

constexpr std::string_view loses_chunk = "disk: a failed sync loses a chunk";
constexpr std::string_view loses_size = "disk: a failed sync loses the size";
constexpr std::string_view loses_overwrite = "disk: an overwrite of a lost chunk is lost too";
constexpr std::string_view nothing_left = "disk: a sync with nothing left to write succeeds";
constexpr std::string_view drops_names = "disk: names that a power loss drops";

/// One scenario of the table: what was answered, by the label of the line.
class observed {
 public:
  observed(std::string_view file_system, std::string_view scenario) {
    std::ifstream file{"tests/disk/measured/fsync-failure-ext4-xfs.txt"};
    const std::string title = "## " + std::string{file_system} + " " + std::string{scenario};
    bool here = false;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("## ")) here = line == title;
      if (here && line.starts_with("   ")) lines_.push_back(line);
    }
    EXPECT_FALSE(lines_.empty()) << title << " is not in the table";
  }
  /// The rest of the line that starts with this label.
  std::string operator()(std::string_view label) const {
    for (const std::string& line : lines_) {
      if (!std::string_view{line}.substr(3).starts_with(label)) continue;
      const std::string rest = line.substr(3 + label.size());
      return rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
    }
    ADD_FAILURE() << "no line '" << label << "'";
    return {};
  }

 private:
  std::vector<std::string> lines_;
};

template <class T>
std::string said(const io_result<T>& given) {
  return given ? "ok" : "E:" + std::generic_category().message(given.error().error_number);
}

std::string said(const result<void>& given) {
  return given ? "ok" : "E:" + std::generic_category().message(given.error());
}

std::string page_letters(const std::string& text) {
  std::string joined;
  for (const char letter : letters(text)) joined += (joined.empty() ? "" : "|") + std::string{letter};
  return "len=" + std::to_string(text.size()) + " pages=" + joined;
}

std::string content(lab& l, lab::file& from) {
  const auto status = l.fs.stat(from);
  if (!status) return said(status);
  std::string text(static_cast<std::size_t>(status->size), '?');
  const auto got = l.fs.pread(from, 0, std::as_writable_bytes(std::span{text}));
  return got ? page_letters(text) : said(got);
}

std::string content(lab& l, std::string_view path, open_mode mode = open_mode::read) {
  auto opened = l.fs.open(path, mode);
  return opened ? content(l, *opened) : said(opened);
}

/// The directory and the base state of a scenario, and how its file system behaves.
class scenario : public ::testing::TestWithParam<const char*> {
 protected:
  static disk_options options() {
    disk_options options;
    options.mode = crash_mode::journal;
    options.after_log_failure = xfs() ? shutdown_style::dead : shutdown_style::read_only;
    return options;
  }
  static bool xfs() { return std::string_view{GetParam()} == "xfs"; }

  scenario() {
    EXPECT_TRUE(l.fs.mkdir("/d"));
    l.sync_all();
  }
  /// A data write that fails at the next sync loses the chunks that were in it, on xfs the new size too.
  void data_write_fails(std::size_t chunks) {
    l.arm(fault_kind::eio_fsync);
    l.choices.then("disk: fault at fsync", 1).then(loses_chunk, 1, chunks);
    if (xfs()) l.choices.then(loses_size, 1);
  }
  void log_write_fails(std::string_view at) {
    l.arm(fault_kind::log_failure);
    l.choices.then(at, 1);
  }
  void expect_after_crash(const observed& table) {
    l.on.power_loss(l.choices);
    EXPECT_EQ(content(l, "/d/f"), table("AFTER CRASH f "));
    EXPECT_EQ(content(l, "/d/name"), table("AFTER CRASH name "));
  }

  lab l{options()};
};

TEST_P(scenario, overwrite) {
  const observed table{GetParam(), "overwrite"};
  l.create_with("/d/f", pages("AAA"));
  l.sync_all();
  auto f = l.open("/d/f");
  auto before = l.open("/d/f");
  l.write(f, pages("B"), page);
  data_write_fails(1);
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  EXPECT_EQ(content(l, f), table("page cache now"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#2 same fd"));
  EXPECT_EQ(said(l.fs.fsync(before)), table("fsync other fd opened before"));
  auto after = l.open("/d/f");
  EXPECT_EQ(said(l.fs.fsync(after)), table("fsync fd opened after"));
  EXPECT_EQ(said(l.fs.close(std::move(f))), table("close"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, "/d/f"), table("after drop_caches"));
  expect_after_crash(table);
}

TEST_P(scenario, newfile) {
  const observed table{GetParam(), "newfile"};
  auto f = l.create("/d/f");
  l.write(f, pages("BBB"));
  data_write_fails(3);
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  EXPECT_EQ(content(l, f), table("page cache now"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#2 retry"));
  EXPECT_EQ(said(l.fs.link("/d/f", "/d/name")), table("link"));
  EXPECT_EQ(said(l.fs.fsync_directory("/d")), table("dirsync"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, "/d/name"), table("after drop_caches name"));
  expect_after_crash(table);
}

TEST_P(scenario, newfile_bg) {
  const observed table{GetParam(), "newfile_bg"};
  l.create_with("/d/f", pages("BBB"));
  l.arm(fault_kind::eio_fsync);
  l.choices.then("disk: fault at write-back", 1).then(loses_chunk, 1, 3);
  if (xfs()) l.choices.then(loses_size, 1);
  l.sync_all();
  auto f = l.open("/d/f");
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync new fd #1"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync new fd #2"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, f), table("after drop_caches"));
  expect_after_crash(table);
}

TEST_P(scenario, flush) {
  const observed table{GetParam(), "flush"};
  auto f = l.create("/d/f");
  l.write(f, pages("BBB"));
  log_write_fails("disk: fault at fsync");
  l.choices.then(nothing_left, xfs() ? 0 : 1);
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#2"));
  EXPECT_EQ(said(l.fs.pwrite(f, 0, bytes_of("x"))), table("write"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#3"));
  EXPECT_EQ(said(l.fs.link("/d/f", "/d/name")), table("link"));
  EXPECT_EQ(said(l.fs.open("/d/other", open_mode::create_exclusive)), table("creat other"));
  EXPECT_EQ(content(l, f), table("page cache"));
  l.choices.then(drops_names, 1);
  expect_after_crash(table);
}

TEST_P(scenario, journal) {
  const observed table{GetParam(), "journal"};
  auto f = l.create("/d/f");
  l.write(f, pages("BBB"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync base"));
  ASSERT_TRUE(l.fs.link("/d/f", "/d/name"));
  log_write_fails("disk: fault at fsync of names");
  l.choices.then(nothing_left, 1);
  const auto directory =
      l.on.open(1, "/d", open_mode::read, l.choices);  // opened once: after the failure xfs opens nothing
  ASSERT_TRUE(directory);
  EXPECT_EQ(said(l.on.fsync(*directory, l.choices)), table("dirsync"));
  EXPECT_EQ(said(l.on.fsync(*directory, l.choices)), table("dirsync#2"));
  EXPECT_EQ(said(l.fs.open("/d/other", open_mode::create_exclusive)), table("creat other"));
  const auto listed = l.fs.list("/d");
  std::string names;
  if (listed) {
    for (const auto& entry : *listed) names += (names.empty() ? "['" : "', '") + entry.name;
    names += "']";
  }
  EXPECT_EQ(listed ? names : said(listed), table("ls"));
  l.choices.then(drops_names, 1);
  expect_after_crash(table);
}

TEST_P(scenario, readeio) {
  const observed table{GetParam(), "readeio"};
  l.create_with("/d/f", pages("QQQ"));
  l.sync_all();
  l.on.drop_caches();
  l.arm(fault_kind::eio_read);
  l.choices.then("disk: fault at read", 1);
  EXPECT_EQ(content(l, "/d/f"), table("read "));
  EXPECT_EQ(content(l, "/d/f"), table("read again"));
  expect_after_crash(table);
}

TEST_P(scenario, adopt) {
  const observed table{GetParam(), "adopt"};
  {
    auto f = l.create("/d/f");
    l.write(f, pages("BBB"));
    data_write_fails(3);
    EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1 (process A)"));
  }
  l.on.kill(1);
  process_file_system restarted{l.on, 2, l.choices, l.watcher};
  EXPECT_EQ(content(l, "/d/f"), table("-- process B restarts: buffered read"));
  auto f = l.open("/d/f");
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync on new fd"));
  EXPECT_EQ(content(l, "/d/f", open_mode::read_medium), table("O_DIRECT read"));
  EXPECT_EQ(content(l, f), table("buffered read after O_DIRECT"));
  EXPECT_TRUE(l.fs.drop_cache(f));
  EXPECT_EQ(content(l, f), table("read after FADV_DONTNEED"));
  expect_after_crash(table);
}

TEST_P(scenario, rewrite_with_other_bytes) {
  const observed table{GetParam(), "rewriteC"};
  auto f = l.create("/d/f");
  l.write(f, pages("BBB"));
  data_write_fails(3);
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  l.write(f, pages("CCC"));
  l.choices.then(loses_overwrite, xfs() ? 0 : 1, 3);
  EXPECT_EQ(said(l.fs.fsync(f)), table("rewriteC, fsync#2"));
  ASSERT_TRUE(l.fs.link("/d/f", "/d/name"));
  EXPECT_EQ(said(l.fs.fsync_directory("/d")), table("dirsync"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, "/d/name"), table("after drop_caches"));
  expect_after_crash(table);
}

TEST_P(scenario, truncated_and_rewritten) {
  const observed table{GetParam(), "trunc_rewrite"};
  auto f = l.create("/d/f");
  l.write(f, pages("BBB"));
  data_write_fails(3);
  EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  ASSERT_TRUE(l.fs.truncate(f, 0));
  l.write(f, pages("CCC"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("trunc_rewrite, fsync#2"));
  EXPECT_EQ(l.choices.asked().find(loses_overwrite), std::string::npos) << "truncation to zero makes the inode safe";
  ASSERT_TRUE(l.fs.link("/d/f", "/d/name"));
  EXPECT_EQ(said(l.fs.fsync_directory("/d")), table("dirsync"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, "/d/name"), table("after drop_caches"));
  expect_after_crash(table);
}

TEST_P(scenario, a_new_inode_under_the_same_name) {
  const observed table{GetParam(), "newinode"};
  {
    auto f = l.create("/d/f");
    l.write(f, pages("BBB"));
    data_write_fails(3);
    EXPECT_EQ(said(l.fs.fsync(f)), table("fsync#1"));
  }
  ASSERT_TRUE(l.fs.unlink("/d/f"));
  auto f = l.create("/d/f");
  l.write(f, pages("CCC"));
  EXPECT_EQ(said(l.fs.fsync(f)), table("newinode, fsync#2"));
  EXPECT_EQ(l.choices.asked().find(loses_overwrite), std::string::npos) << "a new inode is safe everywhere";
  ASSERT_TRUE(l.fs.link("/d/f", "/d/name"));
  EXPECT_EQ(said(l.fs.fsync_directory("/d")), table("dirsync"));
  l.on.drop_caches();
  EXPECT_EQ(content(l, "/d/name"), table("after drop_caches"));
  expect_after_crash(table);
}

INSTANTIATE_TEST_SUITE_P(measured_fsync_failures, scenario, ::testing::Values("ext4", "xfs"),
                         [](const auto& one) { return std::string{one.param}; });

}  // namespace
}  // namespace wavetank::sim::disk::fsync_failure_test

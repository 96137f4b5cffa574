// One suite for every file system: system calls, system calls on I/O threads, the simulated disk.
#include <wavetank/impl/runtime/fiber/fiber_file_system.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/tests/disk/lab.h>
#include <wavetank/tests/disk/temporary_directory.h>

namespace wavetank::file_system_conformance_test {
namespace {

/// A place on the machine's own disk.
template <class FileSystem>
struct real_world {
  using file_system = FileSystem;
  temporary_directory directory;
  FileSystem fs;
  std::string path(const std::string& name) const { return directory.path() + "/" + name; }
};

/// A directory on a simulated disk.
struct simulated_world {
  using file_system = sim::disk::process_file_system;
  simulated_world() { EXPECT_TRUE(fs.mkdir("/t")); }
  sim::disk::lab inside;
  file_system& fs = inside.fs;
  static std::string path(const std::string& name) { return "/t/" + name; }
};

struct world_names {
  template <class World>
  static std::string GetName(int) {
    if constexpr (std::is_same_v<World, simulated_world>) return "simulated";
    if constexpr (std::is_same_v<typename World::file_system, fiber_file_system>) return "fibers";
    return "posix";
  }
};

template <class World>
class file_system_conformance : public ::testing::Test {
 protected:
  using file = typename World::file_system::file;

  std::string at(const std::string& name) const { return world.path(name); }
  file create(const std::string& name) {
    return std::move(world.fs.open(at(name), open_mode::create_exclusive)).value();
  }
  file open(const std::string& name, open_mode mode = open_mode::read_write) {
    return std::move(world.fs.open(at(name), mode)).value();
  }
  void write(file& to, std::string_view text, std::uint64_t offset = 0) {
    ASSERT_TRUE(world.fs.pwrite(to, offset, std::as_bytes(std::span{text})));
  }
  void create_with(const std::string& name, std::string_view text) {
    file made = create(name);
    write(made, text);
  }
  std::string read(file& from, std::uint64_t offset = 0, std::size_t length = 1 << 16) {
    std::string text(length, '?');
    const auto got = world.fs.pread(from, offset, std::as_writable_bytes(std::span{text}));
    if (!got) return to_string(got.error());
    text.resize(*got);
    return text;
  }
  std::string read(const std::string& name, open_mode mode = open_mode::read) {
    file opened = open(name, mode);
    return read(opened);
  }
  template <class T>
  static io_error error(const io_result<T>& given) {
    EXPECT_FALSE(given) << "succeeded";
    return given ? io_error{io_call::open, 0} : given.error();
  }

  World world;
};

using worlds = ::testing::Types<real_world<posix_file_system>, real_world<fiber_file_system>, simulated_world>;
TYPED_TEST_SUITE(file_system_conformance, worlds, world_names);

TYPED_TEST(file_system_conformance, what_is_written_is_read) {
  auto f = this->create("f");
  this->write(f, "hello");
  this->write(f, "LLO, world", 2);
  EXPECT_EQ(this->read(f), "heLLO, world");
  EXPECT_EQ(this->read(f, 7), "world");
  EXPECT_EQ(this->read(f, 7, 2), "wo");
  EXPECT_EQ(this->read(f, 12), "");
  EXPECT_EQ(this->read(f, 1000), "");
  EXPECT_TRUE(this->world.fs.close(std::move(f)));
  EXPECT_EQ(this->read("f"), "heLLO, world");
}

TYPED_TEST(file_system_conformance, holes_read_zeros) {
  auto f = this->create("f");
  this->write(f, "x", 5000);
  EXPECT_EQ(this->read(f), std::string(5000, '\0') + "x");
  EXPECT_EQ(this->world.fs.stat(f).value(), (file_status{file_kind::regular, 5001, 1}));
}

TYPED_TEST(file_system_conformance, the_medium_is_read_at_any_offset) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::to_string(i) + ",";
  this->create_with("f", text);
  auto f = this->open("f", open_mode::read_medium);
  EXPECT_EQ(this->read(f), text);
  EXPECT_EQ(this->read(f, 4095, 4099), text.substr(4095, 4099));
  EXPECT_EQ(this->read(f, 1, 1), text.substr(1, 1));
  EXPECT_EQ(this->read(f, text.size() - 1), ",");
  EXPECT_EQ(this->read(f, text.size()), "");
  EXPECT_EQ(this->read(f, 0, 0), "");
}

TYPED_TEST(file_system_conformance, large_reads_of_the_medium_come_whole) {
  std::string text(3 * (1 << 20) + 77, 'a');
  for (std::size_t i = 0; i < text.size(); i += 1001) text[i] = static_cast<char>('b' + i % 20);
  this->create_with("f", text);
  auto f = this->open("f", open_mode::read_medium);
  EXPECT_TRUE(this->read(f, 5, text.size()) == text.substr(5));
}

TYPED_TEST(file_system_conformance, truncation_forgets) {
  auto f = this->create("f");
  this->write(f, "0123456789");
  ASSERT_TRUE(this->world.fs.truncate(f, 4));
  EXPECT_EQ(this->read(f), "0123");
  ASSERT_TRUE(this->world.fs.truncate(f, 6));
  EXPECT_EQ(this->read(f), std::string("0123\0\0", 6));
}

TYPED_TEST(file_system_conformance, open_knows_what_is_there) {
  this->create_with("f", "text");
  auto& fs = this->world.fs;
  EXPECT_EQ(this->error(fs.open(this->at("f"), open_mode::create_exclusive)), (io_error{io_call::open, EEXIST}));
  EXPECT_EQ(this->error(fs.open(this->at("g"), open_mode::read)), (io_error{io_call::open, ENOENT}));
  EXPECT_EQ(this->error(fs.open(this->at("g"), open_mode::read_medium)), (io_error{io_call::open, ENOENT}));
  EXPECT_EQ(this->error(fs.open(this->at("f/g"), open_mode::read)), (io_error{io_call::open, ENOTDIR}));
  EXPECT_EQ(this->error(fs.open(this->at("d/g"), open_mode::create_exclusive)), (io_error{io_call::open, ENOENT}));
  ASSERT_TRUE(fs.mkdir(this->at("d")));
  EXPECT_EQ(this->error(fs.open(this->at("d"), open_mode::read_write)), (io_error{io_call::open, EISDIR}));
  EXPECT_EQ(this->error(fs.open(this->at(std::string(300, 'n')), open_mode::read)),
            (io_error{io_call::open, ENAMETOOLONG}));
}

TYPED_TEST(file_system_conformance, a_file_that_is_read_only_is_not_written) {
  this->create_with("f", "text");
  auto f = this->open("f", open_mode::read);
  EXPECT_EQ(this->error(this->world.fs.pwrite(f, 0, std::as_bytes(std::span{"x", 1}))).error_number, EBADF);
  EXPECT_EQ(this->error(this->world.fs.truncate(f, 0)).error_number, EINVAL);
  EXPECT_TRUE(this->world.fs.fsync(f));
}

TYPED_TEST(file_system_conformance, links_share_the_file) {
  auto& fs = this->world.fs;
  auto f = this->create("f");
  ASSERT_TRUE(fs.link(this->at("f"), this->at("g")));
  this->write(f, "both");
  EXPECT_EQ(this->read("g"), "both");
  EXPECT_EQ(fs.stat(this->at("g")).value().links, 2u);
  EXPECT_EQ(this->error(fs.link(this->at("f"), this->at("g"))), (io_error{io_call::link, EEXIST}));
  EXPECT_EQ(this->error(fs.link(this->at("x"), this->at("y"))), (io_error{io_call::link, ENOENT}));
  ASSERT_TRUE(fs.unlink(this->at("f")));
  EXPECT_EQ(this->read("g"), "both");
  EXPECT_EQ(fs.stat(f).value().links, 1u);
}

TYPED_TEST(file_system_conformance, a_link_of_a_directory_is_refused) {
  auto& fs = this->world.fs;
  ASSERT_TRUE(fs.mkdir(this->at("d")));
  EXPECT_TRUE(means_no_hard_links(this->error(fs.link(this->at("d"), this->at("e")))));
}

TYPED_TEST(file_system_conformance, an_open_file_outlives_its_name) {
  auto& fs = this->world.fs;
  auto f = this->create("f");
  ASSERT_TRUE(fs.unlink(this->at("f")));
  this->write(f, "still here");
  EXPECT_EQ(this->read(f), "still here");
  EXPECT_EQ(fs.stat(f).value().links, 0u);
  EXPECT_TRUE(fs.fsync(f));
  EXPECT_EQ(this->error(fs.stat(this->at("f"))), (io_error{io_call::stat, ENOENT}));
  EXPECT_EQ(this->error(fs.unlink(this->at("f"))), (io_error{io_call::unlink, ENOENT}));
}

TYPED_TEST(file_system_conformance, a_directory_is_not_unlinked) {
  ASSERT_TRUE(this->world.fs.mkdir(this->at("d")));
  EXPECT_EQ(this->error(this->world.fs.unlink(this->at("d"))), (io_error{io_call::unlink, EISDIR}));
}

TYPED_TEST(file_system_conformance, rename_replaces_only_if_it_may) {
  auto& fs = this->world.fs;
  this->create_with("a", "a");
  this->create_with("b", "b");
  EXPECT_EQ(this->error(fs.rename(this->at("a"), this->at("b"), rename_mode::no_replace)),
            (io_error{io_call::rename, EEXIST}));
  ASSERT_TRUE(fs.rename(this->at("a"), this->at("b"), rename_mode::replace));
  EXPECT_EQ(this->read("b"), "a");
  EXPECT_EQ(this->error(fs.stat(this->at("a"))).error_number, ENOENT);
  ASSERT_TRUE(fs.rename(this->at("b"), this->at("c"), rename_mode::no_replace));
  EXPECT_EQ(this->error(fs.rename(this->at("x"), this->at("y"), rename_mode::replace)).error_number, ENOENT);
  ASSERT_TRUE(fs.mkdir(this->at("d")));
  EXPECT_EQ(this->error(fs.rename(this->at("c"), this->at("d"), rename_mode::replace)).error_number, EISDIR);
  ASSERT_TRUE(fs.rename(this->at("c"), this->at("d/c"), rename_mode::no_replace));
  EXPECT_EQ(this->read("d/c"), "a");
}

TYPED_TEST(file_system_conformance, rename_onto_another_name_of_the_file_does_nothing) {
  auto& fs = this->world.fs;
  this->create_with("a", "a");
  ASSERT_TRUE(fs.link(this->at("a"), this->at("b")));
  EXPECT_TRUE(fs.rename(this->at("a"), this->at("b"), rename_mode::replace));
  EXPECT_EQ(this->read("a"), "a");
  EXPECT_EQ(this->read("b"), "a");
}

TYPED_TEST(file_system_conformance, directories_are_listed_by_name) {
  auto& fs = this->world.fs;
  ASSERT_TRUE(fs.mkdir(this->at("d")));
  for (const char* name : {"d/c", "d/a", "d/b"}) this->create(name);
  ASSERT_TRUE(fs.mkdir(this->at("d/aa")));
  EXPECT_EQ(fs.list(this->at("d")).value(), (std::vector<directory_entry>{{"a", file_kind::regular},
                                                                          {"aa", file_kind::directory},
                                                                          {"b", file_kind::regular},
                                                                          {"c", file_kind::regular}}));
  EXPECT_EQ(this->error(fs.list(this->at("d/a"))), (io_error{io_call::list, ENOTDIR}));
  EXPECT_EQ(this->error(fs.list(this->at("x"))), (io_error{io_call::list, ENOENT}));
  EXPECT_EQ(this->error(fs.mkdir(this->at("d"))), (io_error{io_call::mkdir, EEXIST}));
  EXPECT_EQ(fs.stat(this->at("d")).value(), (file_status{file_kind::directory, 0, 0}));
}

TYPED_TEST(file_system_conformance, everything_can_be_synced) {
  auto& fs = this->world.fs;
  auto f = this->create("f");
  this->write(f, "text");
  EXPECT_TRUE(fs.fdatasync(f));
  EXPECT_TRUE(fs.fsync(f));
  ASSERT_TRUE(fs.mkdir(this->at("d")));
  EXPECT_TRUE(fs.fsync_directory(this->at("d")));
  EXPECT_TRUE(fs.drop_cache(f));
  EXPECT_EQ(this->read(f), "text");
  EXPECT_EQ(this->error(fs.fsync_directory(this->at("x"))), (io_error{io_call::fsync_directory, ENOENT}));
  EXPECT_EQ(this->error(fs.fsync_directory(this->at("f"))), (io_error{io_call::fsync_directory, ENOTDIR}));
}

TYPED_TEST(file_system_conformance, a_lock_has_one_holder_until_it_closes) {
  auto& fs = this->world.fs;
  auto first = this->create("lock");
  auto second = this->open("lock");
  EXPECT_TRUE(fs.lock(first));
  EXPECT_TRUE(fs.lock(first)) << "it has it already";
  EXPECT_TRUE(means_locked(this->error(fs.lock(second))));
  ASSERT_TRUE(fs.close(std::move(first)));
  EXPECT_TRUE(fs.lock(second));
}

TYPED_TEST(file_system_conformance, handles_move) {
  auto& fs = this->world.fs;
  auto first = this->create("f");
  auto second = std::move(first);
  this->write(second, "text");
  first = std::move(second);
  EXPECT_EQ(this->read(first), "text");
  EXPECT_TRUE(fs.lock(first));
  first = this->open("f");
  EXPECT_TRUE(fs.lock(first)) << "assignment closed what was open before, with its lock";
  EXPECT_EQ(this->error(fs.close(typename TestFixture::file{})), (io_error{io_call::close, EBADF}));
}

TEST(fiber_file_system, other_fibers_go_on_during_a_call) {
  io_threads threads{1};
  std::promise<void> other_fiber_ran;
  auto ran = other_fiber_ran.get_future();
  boost::fibers::future<void> waiting = boost::fibers::async([&] { threads.run([&] { ran.get(); }); });
  boost::fibers::async([&] { other_fiber_ran.set_value(); }).get();
  waiting.get();
}

TEST(fiber_file_system, a_thread_of_the_pool_passes_exceptions_on) {
  io_threads threads{2};
  EXPECT_THROW(threads.run([]() -> int { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(threads.run([] { return 7; }), 7);
}

TEST(simulated_file_system, answers_what_a_file_system_without_links_answers) {
  sim::disk::disk_options options;
  options.hard_links = false;
  options.exclusive_renames = false;
  sim::disk::lab l{options};
  l.create("/f");
  EXPECT_TRUE(means_no_hard_links(l.fs.link("/f", "/g").error()));
  EXPECT_TRUE(means_no_exclusive_rename(l.fs.rename("/f", "/g", rename_mode::no_replace).error()));
  EXPECT_TRUE(l.fs.rename("/f", "/g", rename_mode::replace));
}

}  // namespace
}  // namespace wavetank::file_system_conformance_test

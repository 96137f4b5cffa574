// `wavetank cache` as a process: over sound directories, damaged ones, and whatever else may lie in one.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/tests/cache/raw_kvc.h>
#include <wavetank/tests/cache/whole_file.h>

#include "run_command.h"

namespace wavetank::tools::cache_command_test {
namespace {

kvc_metadata metadata_of(std::uint32_t number) {
  kvc_metadata m;
  m.quant = quant_type::q8_0;
  m.tokens = {1, number};
  m.context_size = 4'096;
  m.hit_count = number;
  m.last_use_s = 1'700'000'000 + number;
  return m;
}

std::string key_of_row(std::uint32_t number) { return to_hex(key_of(metadata_of(number))); }
std::string name_of_row(std::uint32_t number) { return key_of_row(number) + ".kvc"; }
std::string temporary_of_row(std::uint32_t number) { return name_of_row(number) + ".abc-1.tmp"; }

std::string bytes_of_row(std::uint32_t number) {
  const std::vector<std::byte> payload(5'000, static_cast<std::byte>(number));
  const auto file = cache_tests::whole_file(metadata_of(number), payload);
  return {reinterpret_cast<const char*>(file.data()), file.size()};
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ 4);
  return bytes;
}

class cache_command : public testing::Test {
 protected:
  cache_command() { std::filesystem::create_directory(path("kv")); }

  std::string path(const std::string& name) const { return directory_.file(name); }
  void put(const std::string& name, const std::string& bytes) const { directory_.write("kv/" + name, bytes); }
  void put_row(std::uint32_t number) const { put(name_of_row(number), bytes_of_row(number)); }

  command_result run(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"cache", "kv"});
    return run_command(options, directory_.path());
  }
  /// The JSON that it prints, having ended with this code.
  nlohmann::json run_json(int exit_code, std::vector<std::string> options = {}) const {
    options.emplace_back("--json");
    const auto r = run(options);
    EXPECT_EQ(r.exit_code, exit_code) << r.out << r.err;
    EXPECT_EQ(r.err, "");
    return nlohmann::json::parse(r.out);
  }
  void expect_refusal(const command_result& r, const std::string& says) const {
    EXPECT_EQ(r.exit_code, 2) << r.out;
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_NE(r.err.find(says), std::string::npos) << r.err;
  }

  /// Every regular file below, by its path, with its content; of all else the name alone.
  std::map<std::string, std::string> everything() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path("kv"))) {
      const bool regular = entry.symlink_status().type() == std::filesystem::file_type::regular;
      all[entry.path().lexically_relative(path("kv")).string()] = regular ? content_of(entry.path().string()) : "";
    }
    return all;
  }

  scratch_directory directory_;
};

std::vector<std::string> names_in(const nlohmann::json& list) {
  std::vector<std::string> names;
  for (const auto& one : list) names.push_back(one.at("name"));
  return names;
}

TEST_F(cache_command, a_sound_directory_is_listed_and_answers_0) {
  put_row(7);
  const auto r = run({"--verify"});
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
  EXPECT_NE(r.out.find(key_of_row(7) + "          2           5 000        7  2023-11-14 22:13  q8_0\n"),
            std::string::npos)
      << r.out;
  EXPECT_NE(r.out.find("1 row of "), std::string::npos) << r.out;
  EXPECT_NE(r.out.find("0 damaged, 0 temporary, 0 foreign, 0 in quarantine\n"), std::string::npos) << r.out;
}

TEST_F(cache_command, an_empty_directory_is_sound) {
  EXPECT_TRUE(run_json(0).at("rows").empty());
  EXPECT_TRUE(run_json(0, {"--repair"}).at("rows").empty());
  EXPECT_TRUE(everything().empty()) << "what holds nothing of a cache is not made one";
}

TEST_F(cache_command, json_has_the_fields_of_the_head) {
  put_row(7);
  const auto row = run_json(0).at("rows").at(0);
  EXPECT_EQ(row.at("key"), key_of_row(7));
  EXPECT_EQ(row.at("file_bytes"), bytes_of_row(7).size());
  EXPECT_EQ(row.at("payload_bytes"), 5'000);
  EXPECT_EQ(row.at("tokens"), 2);
  EXPECT_EQ(row.at("context_size"), 4'096);
  EXPECT_EQ(row.at("hits"), 7);
  EXPECT_EQ(row.at("last_use_s"), 1'700'000'007);
  EXPECT_EQ(row.at("quant"), "q8_0");
  EXPECT_EQ(row.at("head_checksummed"), true);
}

TEST_F(cache_command, damage_of_a_head_a_name_or_a_size_answers_1) {
  const std::string whole = bytes_of_row(1);
  for (const auto& bytes : {flipped(whole, 17), bytes_of_row(2), whole.substr(0, whole.size() - 1), whole + "x",
                            std::string{}, std::string(100, '\xff')}) {
    put(name_of_row(1), bytes);
    const auto found = run_json(1);
    EXPECT_TRUE(found.at("rows").empty());
    EXPECT_EQ(names_in(found.at("damaged")), std::vector{name_of_row(1)});
    EXPECT_EQ(content_of(path("kv/" + name_of_row(1))), bytes);
  }
}

TEST_F(cache_command, damage_of_a_payload_is_seen_by_verify_alone) {
  const auto damaged = flipped(bytes_of_row(1), bytes_of_row(1).size() - 1);
  put(name_of_row(1), damaged);
  EXPECT_EQ(run_json(0).at("rows").size(), 1U);
  const auto found = run_json(1, {"--verify"});
  EXPECT_EQ(found.at("damaged").at(0).at("field"), "payload");
  EXPECT_EQ(found.at("damaged").at(0).at("problem"), "wrong checksum");
  EXPECT_EQ(run_json(0, {"--repair"}).at("rows").size(), 1U);
}

TEST_F(cache_command, without_repair_nothing_is_changed) {
  put_row(1);
  put(name_of_row(2), "damaged");
  put(temporary_of_row(3), "half");
  put("notes.txt", "mine");
  const auto before = everything();
  EXPECT_EQ(run({"--verify"}).exit_code, 1);
  EXPECT_EQ(everything(), before) << "not even a lock file is made";
}

TEST_F(cache_command, a_repair_moves_what_is_damaged_and_a_second_one_has_nothing_to_do) {
  put_row(1);
  put(name_of_row(2), "damaged");
  const auto payload_damaged = flipped(bytes_of_row(3), bytes_of_row(3).size() - 1);
  put(name_of_row(3), payload_damaged);
  put(temporary_of_row(4), bytes_of_row(4));
  put("notes.txt", "mine");
  const auto first = run_json(1, {"--verify", "--repair"});
  for (const auto& one : first.at("damaged")) EXPECT_EQ(one.at("repair"), "repaired");
  EXPECT_EQ(first.at("temporaries").at(0).at("repair"), "repaired");
  EXPECT_EQ(everything(), (std::map<std::string, std::string>{{".lock", ""},
                                                              {name_of_row(1), bytes_of_row(1)},
                                                              {"notes.txt", "mine"},
                                                              {"quarantine", ""},
                                                              {"quarantine/" + name_of_row(2), "damaged"},
                                                              {"quarantine/" + name_of_row(3), payload_damaged}}));
  const auto second = run_json(0, {"--verify", "--repair"});
  EXPECT_EQ(second.at("rows").size(), 1U);
  EXPECT_EQ(second.at("quarantined").size(), 2U);
  EXPECT_EQ(second.at("foreign"), std::vector<std::string>{"notes.txt"});
}

TEST_F(cache_command, a_repair_keeps_what_is_in_the_quarantine_under_the_same_name) {
  std::filesystem::create_directory(path("kv/quarantine"));
  put("quarantine/" + name_of_row(1), "of last year");
  put(name_of_row(1), "damaged");
  EXPECT_EQ(run_json(1, {"--repair"}).at("quarantined").size(), 2U);
  EXPECT_EQ(content_of(path("kv/quarantine/" + name_of_row(1))), "of last year");
  EXPECT_EQ(content_of(path("kv/quarantine/" + name_of_row(1) + ".1")), "damaged");
}

TEST_F(cache_command, a_quarantine_that_is_a_file_leaves_the_damaged_where_it_is) {
  put("quarantine", "a file");
  put(name_of_row(1), "damaged");
  EXPECT_EQ(run_json(1, {"--repair"}).at("damaged").at(0).at("repair"), "left");
  EXPECT_EQ(content_of(path("kv/" + name_of_row(1))), "damaged");
  EXPECT_EQ(content_of(path("kv/quarantine")), "a file");
}

TEST_F(cache_command, what_is_no_file_is_no_row_and_stops_nobody) {
  const std::string pipe = path("kv/" + name_of_row(1));
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_directory(path("kv/" + name_of_row(2)));
  directory_.write("secret", "of somebody");
  std::filesystem::create_symlink(path("secret"), path("kv/" + name_of_row(3)));
  const auto found = run_json(1, {"--verify", "--repair"});
  EXPECT_EQ(found.at("damaged").size(), 3U);
  EXPECT_EQ(found.at("quarantined"), std::vector{name_of_row(3)});
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
  EXPECT_TRUE(std::filesystem::is_directory(path("kv/" + name_of_row(2))));
  EXPECT_EQ(content_of(path("secret")), "of somebody");
  EXPECT_TRUE(std::filesystem::is_symlink(path("kv/quarantine/" + name_of_row(3))));
}

TEST_F(cache_command, a_link_that_leads_nowhere_cannot_be_read_and_stays) {
  std::filesystem::create_symlink("nowhere", path("kv/" + name_of_row(1)));
  const auto found = run_json(1, {"--repair"});
  EXPECT_EQ(found.at("damaged").at(0).at("problem"), "unreadable");
  EXPECT_EQ(found.at("damaged").at(0).at("repair"), "left");
  EXPECT_TRUE(std::filesystem::is_symlink(path("kv/" + name_of_row(1))));
}

TEST_F(cache_command, sizes_that_a_head_only_claims_take_neither_memory_nor_time) {
  auto huge = bytes_of_row(1);
  for (const std::size_t at : {40U, 48U, 56U, 72U}) {  // the payload's size, its offset, its size again; the prompt's
    put(name_of_row(1), std::string(huge).replace(at, 4, "\xff\xff\xff\xff"));
    EXPECT_EQ(run_json(1, {"--verify"}).at("damaged").size(), 1U);
  }
  put_row(2);
  std::filesystem::resize_file(path("kv/" + name_of_row(2)), std::uintmax_t{1} << 40);  // sparse
  EXPECT_EQ(run_json(1, {"--verify"}).at("damaged").size(), 2U);
}

TEST_F(cache_command, a_long_look_shows_how_far_it_is_and_can_be_interrupted) {
  constexpr std::uint64_t payload_bytes = std::uint64_t{1} << 42;  // a hole
  cache_tests::raw_kvc long_file{.payload = ""};
  auto head = long_file.compose();
  for (const std::size_t at : {40U, 56U}) cache_tests::put(head, at, payload_bytes);
  const std::string name = kvc_final_name(long_file.key());
  put(name, cache_tests::as_text(head));
  std::filesystem::resize_file(path("kv/" + name), head.size() + payload_bytes);
  const auto r = interrupt_command({"cache", "kv", "--verify"}, directory_.path(), "0/1  0 bytes  " + name);
  EXPECT_EQ(r.exit_code, 130) << r.out;
}

TEST_F(cache_command, names_of_any_bytes_do_not_break_a_line_or_the_json) {
  put("a\nb\x1b[31m", "");
  put("\xff\xfe", "");
  EXPECT_EQ(run_json(0).at("foreign").size(), 2U);
  const auto r = run();
  EXPECT_NE(r.out.find("foreign    a b [31m\n"), std::string::npos) << r.out;
  EXPECT_EQ(r.out.find('\x1b'), std::string::npos);
}

TEST_F(cache_command, a_directory_in_use_can_be_looked_at_and_is_not_repaired) {
  put_row(1);
  put(name_of_row(2), "damaged");
  put(temporary_of_row(3), "of the owner");
  const std::string lock_path = directory_.write("kv/.lock", "");
  const int lock = ::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  const auto before = everything();
  EXPECT_EQ(run_json(1).at("temporaries").at(0).at("repair"), "none");
  expect_refusal(run({"--repair"}), "another process uses this cache directory");
  EXPECT_TRUE(everything() == before);
  ::close(lock);
  EXPECT_EQ(run({"--repair"}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(path("kv/" + temporary_of_row(3))));
}

TEST_F(cache_command, what_is_no_directory_is_refused) {
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--repair"}}) {
    auto words = more;
    words.insert(words.begin(), {"cache", "missing"});
    expect_refusal(run_command(words, directory_.path()), "missing: list: No such file or directory");
    words[1] = directory_.write("file", "");
    expect_refusal(run_command(words, directory_.path()), "Not a directory");
  }
  EXPECT_FALSE(std::filesystem::exists(path("missing")));
  expect_refusal(run_command({"cache"}, directory_.path()), "DIRECTORY is required");
  expect_refusal(run({"--fix"}), "--fix");
}

}  // namespace
}  // namespace wavetank::tools::cache_command_test

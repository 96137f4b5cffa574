// What real file systems were seen to leave after a power cut is among our crash states.
#include <wavetank/tests/disk/lab.h>

#include <fstream>
#include <sstream>

namespace wavetank::sim::disk::measured_crash_states_test {
namespace {

const std::string payload = pages("FFF");
const std::string old_payload = pages("O");

struct phase {
  std::string step;
  std::set<std::string> seen;
};
struct protocol {
  std::string file_system;
  std::vector<std::string> steps;
  std::vector<phase> phases;
};

std::vector<protocol> measured() {
  std::ifstream file{"tests/disk/measured/crash-states-ext4-xfs.txt"};
  std::vector<protocol> all;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string first;
    words >> first;
    if (first.empty() || first == "===") continue;
    if (line.front() == ' ') {
      phase one{first, {}};
      for (std::string state; words >> state;) one.seen.insert(state);
      all.back().phases.push_back(one);
    } else {
      protocol one{first, {}, {}};
      std::string steps;
      words >> steps;
      std::istringstream list{steps};
      for (std::string step; std::getline(list, step, ',');) one.steps.push_back(step);
      all.push_back(one);
    }
  }
  return all;
}

std::string word_for(lab& l, const std::string& path) {
  const auto status = l.fs.stat(path);
  if (!status) return "-";
  const std::string text = l.read(path);
  if (text.empty()) return "empty";
  if (text == payload) return "full";
  if (text == old_payload) return "old";
  if (text == pages("000")) return "zeros3";
  return "torn" + letters(text);
}

std::set<std::string> crash_words(const lab& l) {
  std::set<std::string> words;
  const auto summary = for_each_crash_state(l.on, {}, [&](disk after) {
    lab found{std::move(after)};
    words.insert(word_for(found, "/d/tmp") + "/" + word_for(found, "/d/name"));
  });
  EXPECT_TRUE(summary.exhaustive);
  return words;
}

/// What our disk can leave after each step, by the step's name; "synced" after a global sync.
std::map<std::string, std::set<std::string>> ours(const protocol& one, crash_mode mode) {
  disk_options options;
  options.mode = mode;
  lab l{options};
  EXPECT_TRUE(l.fs.mkdir("/d"));
  l.sync_all();
  lab::file tmp;
  std::map<std::string, std::set<std::string>> after;
  for (const std::string& step : one.steps) {
    bool done = true;
    if (step == "old") {
      l.create_with("/d/name", old_payload);
      l.sync_all();
    } else if (step == "creat") {
      tmp = l.create("/d/tmp");
    } else if (step == "write") {
      l.write(tmp, payload);
    } else if (step == "fsync") {
      done = l.fs.fsync(tmp).has_value();
    } else if (step == "fdatasync") {
      done = l.fs.fdatasync(tmp).has_value();
    } else if (step == "close") {
      done = l.fs.close(std::move(tmp)).has_value();
    } else if (step == "link") {
      done = l.fs.link("/d/tmp", "/d/name").has_value();
    } else if (step == "rename") {
      done = l.fs.rename("/d/tmp", "/d/name", rename_mode::replace).has_value();
    } else if (step == "unlink") {
      done = l.fs.unlink("/d/tmp").has_value();
    } else if (step == "dirsync") {
      done = l.fs.fsync_directory("/d").has_value();
    } else if (step == "fsyncname") {
      auto name = l.open("/d/name");
      done = l.fs.fsync(name).has_value();
    } else {
      ADD_FAILURE() << "unknown step " << step;
    }
    EXPECT_TRUE(done) << step;
    after[step] = crash_words(l);
  }
  after["end"] = crash_words(l);
  l.sync_all();
  after["synced"] = crash_words(l);
  return after;
}

std::string listing(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

TEST(measured_crash_states, are_all_in_the_table) {
  std::size_t phases = 0;
  for (const protocol& one : measured()) phases += one.phases.size();
  EXPECT_EQ(measured().size(), 20u);
  EXPECT_EQ(phases, 114u);
}

TEST(measured_crash_states, are_among_ours_in_every_mode) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    for (const protocol& one : measured()) {
      const auto states = ours(one, mode);
      for (const phase& observed : one.phases) {
        const auto found = states.find(observed.step);
        ASSERT_NE(found, states.end()) << observed.step;
        for (const std::string& state : observed.seen) {
          EXPECT_TRUE(found->second.contains(state))
              << one.file_system << ", after " << observed.step << ": " << state << " was seen; in mode "
              << to_string(mode) << " there are only: " << listing(found->second);
        }
      }
    }
  }
}

TEST(measured_crash_states, of_a_synced_disk_are_ours_exactly) {
  for (const crash_mode mode : {crash_mode::posix, crash_mode::linux_like, crash_mode::journal}) {
    for (const protocol& one : measured()) {
      EXPECT_EQ(ours(one, mode).at("synced").size(), 1u);
    }
  }
}

TEST(measured_crash_states, in_a_journal_are_not_outnumbered) {
  std::size_t seen = 0;
  std::size_t possible = 0;
  std::size_t possible_untorn = 0;
  for (const protocol& one : measured()) {
    if (one.file_system != "ext4") continue;
    const auto states = ours(one, crash_mode::journal);
    for (const phase& observed : one.phases) {
      const auto& here = states.at(observed.step);
      seen += observed.seen.size();
      possible += here.size();
      possible_untorn += static_cast<std::size_t>(
          std::ranges::count_if(here, [](const std::string& word) { return word.find("torn") == std::string::npos; }));
    }
  }
  std::cout << "[ journal  ] measured " << seen << " states, ours " << possible << ", of these " << possible_untorn
            << " with whole payloads\n";
  EXPECT_LE(2 * possible_untorn, 3 * seen);
  EXPECT_LE(possible, 3 * seen);
}

}  // namespace
}  // namespace wavetank::sim::disk::measured_crash_states_test

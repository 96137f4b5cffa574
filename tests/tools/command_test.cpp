// The command as a process: exit codes, one-line errors, whole files, same seed same result.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "run_command.h"

namespace wavetank::tools::command_test {
namespace {

using words = std::vector<std::string>;

/// The demonstration's property fails, quickly and always: the one that tests of failures use.
const std::string failing = "demo.raised_limit";

/// A property of the catalogue that holds, with deaths and time-outs; explored by random walks here.
const std::string sampled = "semaphore.counting.scope.2";

class command : public testing::Test {
 protected:
  command_result run(const words& w) const { return run_command(w, directory_.path()); }

  /// Bad input: exit 2, one line on stderr that has `expected`, nothing on stdout, no file made.
  void refuses(const words& w, const std::string& expected) const {
    const auto before = directory_.names();
    const auto r = run(w);
    EXPECT_EQ(r.exit_code, 2) << r.err;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
    EXPECT_NE(r.err.find(expected), std::string::npos) << r.err;
    EXPECT_EQ(r.out, "");
    EXPECT_EQ(directory_.names(), before);
  }

  /// Runs the failing property and returns the path of its trace.
  std::string failing_trace() const {
    run({"verify", failing, "--traces", directory_.path(), "--schedules", "2000"});
    const auto names = directory_.names();
    return names.empty() ? "" : directory_.file(names.front());
  }

  /// The result without the figures that are about time.
  nlohmann::json timeless(const std::string& file) const {
    auto j = nlohmann::json::parse(content_of(directory_.file(file)));
    for (auto& p : j["properties"]) p.erase("seconds");
    return j;
  }

  scratch_directory directory_;
};

TEST_F(command, without_words_says_what_to_do) { refuses({}, "wavetank --help"); }

TEST_F(command, refuses_what_it_does_not_know) {
  refuses({"dance"}, "dance");
  refuses({"verify", "no.such.property"}, "no property matches 'no.such.property'");
  refuses({"verify", "--strategy", "luck"}, "'luck' is no strategy");
  refuses({"verify", "--strategy", "pct(0)"}, "'pct(0)' is no strategy");
  refuses({"verify", "--schedules", "0"}, "--schedules");
  refuses({"verify", "--schedules", "many"}, "--schedules");
  refuses({"verify", "--time", "soon"}, "'soon' is no time limit");
  refuses({"verify", "--time", "1s", "--schedules", "1"}, "--schedules");
  refuses({"verify", "--shard", "2/2"}, "'2/2' is no shard");
  refuses({"verify", "--jobs", "0"}, "--jobs");
  refuses({"verify", "--faults", "plague"}, "'plague' is no fault");
  refuses({"verify", "--seed", "-1"}, "--seed");
}

TEST_F(command, refuses_an_output_file_before_it_works_for_it) {
  refuses({"verify", failing, "--json", "no/such/directory/result.json"}, "cannot write no/such/directory/result.json");
  refuses({"verify", failing, "--junit", directory_.path()}, "Is a directory");
}

TEST_F(command, refuses_traces_with_the_line_that_is_wrong) {
  directory_.write("empty", "");
  directory_.write("foreign", "hello\n");
  directory_.write("newer", "wavetank-trace 2\n");
  directory_.write("short", "wavetank-trace 1\nproperty x\n");
  for (const char* sub : {"replay", "show", "shrink"}) {
    refuses({sub, "absent"}, "cannot read absent");
    refuses({sub, "empty"}, "empty:1: ");
    refuses({sub, "foreign"}, "foreign:1: this is no trace");
    refuses({sub, "newer"}, "newer:1: format 2 is newer");
    refuses({sub, "short"}, "short:");
  }
}

TEST_F(command, refuses_a_trace_of_a_property_that_it_does_not_have) {
  std::string text = content_of(failing_trace());
  text.replace(text.find(failing), failing.size(), "mailbox.loses_nothing");
  directory_.write("stranger.trace", text);
  const auto r = run({"replay", "--tolerant", "stranger.trace"});
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_NE(r.err.find("stranger.trace:2: no property 'mailbox.loses_nothing'"), std::string::npos) << r.err;
}

TEST_F(command, list_names_properties_models_and_strategies) {
  const auto r = run({"list"});
  EXPECT_EQ(r.exit_code, 0);
  for (const char* part : {"properties\n", "models\n", "strategies\n", "exhaustive", "semaphore."}) {
    EXPECT_NE(r.out.find(part), std::string::npos) << part;
  }
}

TEST_F(command, a_violation_is_explained_kept_and_replayed) {
  const auto found = run({"verify", failing, "--schedules", "2000"});
  EXPECT_EQ(found.exit_code, 1);
  EXPECT_NE(found.out.find("lost_wakeup"), std::string::npos) << found.out;
  const std::string said = "replay    wavetank replay ";
  const auto at = found.out.find(said);
  ASSERT_NE(at, std::string::npos) << found.out;
  const auto path = found.out.substr(at + said.size(), found.out.find('\n', at) - at - said.size());
  const auto again = run({"replay", path});
  EXPECT_EQ(again.exit_code, 0) << again.out << again.err;
  EXPECT_NE(again.out.find("as recorded: lost_wakeup"), std::string::npos) << again.out;
  EXPECT_EQ(run({"replay", "--tolerant", path}).exit_code, 0);
  const auto shown = run({"show", path});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_NE(shown.out.find("property  " + failing), std::string::npos) << shown.out;
}

TEST_F(command, another_outcome_is_1_and_divergence_is_3) {
  const auto path = failing_trace();
  std::string text = content_of(path);
  const std::string kind = "expect lost_wakeup";
  const auto at = text.find(kind);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, kind.size(), "expect deadlock");
  directory_.write("other", text);
  EXPECT_EQ(run({"replay", "--tolerant", "other"}).exit_code, 1);
  EXPECT_EQ(run({"replay", "other"}).exit_code, 2) << "its checksum no longer fits";
}

TEST_F(command, shrink_writes_a_smaller_trace_that_fails_alike) {
  const auto path = failing_trace();
  const auto r = run({"shrink", path, "-o", "small.trace"});
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
  EXPECT_EQ(run({"replay", "small.trace"}).exit_code, 0);
}

TEST_F(command, the_demonstration_works_the_whole_way) {
  const auto r = run({"verify", "--demo"});
  EXPECT_EQ(r.exit_code, 0) << r.out;
  for (const char* step : {"1. Explore", "2. Shrink", "3. Explain", "4. Keep", "5. Replay", "as recorded"}) {
    EXPECT_NE(r.out.find(step), std::string::npos) << step;
  }
}

TEST_F(command, reports_are_whole_and_leave_nothing_beside_them) {
  const auto r = run({"verify", failing, "--schedules", "2000", "--json", "r.json", "--junit", "r.xml"});
  EXPECT_EQ(r.exit_code, 1);
  EXPECT_EQ(directory_.names(), (words{"r.json", "r.xml", "wavetank-traces"}));
  const auto j = nlohmann::json::parse(content_of(directory_.file("r.json")));
  EXPECT_EQ(j["failed"], 1);
  EXPECT_EQ(j["properties"][0]["verdict"], "lost_wakeup");
  EXPECT_GE(j["properties"][0]["found_after"], 1);
  const auto xml = content_of(directory_.file("r.xml"));
  EXPECT_NE(xml.find("failures=\"1\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("<failure type=\"lost_wakeup\""), std::string::npos) << xml;
}

TEST_F(command, the_same_seed_gives_the_same_result_with_any_number_of_jobs) {
  const words common{"verify", sampled, "--schedules", "2000", "--strategy", "random", "--seed", "7"};
  for (const char* jobs : {"1", "2", "3"}) {
    words w = common;
    w.insert(w.end(), {"--jobs", jobs, "--json", std::string("jobs") + jobs + ".json"});
    EXPECT_EQ(run(w).exit_code, 0);
  }
  EXPECT_EQ(timeless("jobs1.json"), timeless("jobs2.json"));
  EXPECT_EQ(timeless("jobs1.json"), timeless("jobs3.json"));
  EXPECT_EQ(timeless("jobs1.json")["properties"][0]["schedules"], 2000);
}

TEST_F(command, a_failure_found_is_the_same_with_any_number_of_jobs) {
  for (const char* jobs : {"1", "2"}) {
    run({"verify", failing, "--strategy", "random", "--jobs", jobs, "--json", std::string("jobs") + jobs + ".json"});
  }
  for (const char* field : {"verdict", "message", "found_after", "trace", "story"}) {
    EXPECT_EQ(timeless("jobs1.json")["properties"][0][field], timeless("jobs2.json")["properties"][0][field]) << field;
  }
}

TEST_F(command, shards_merge_into_the_whole) {
  const words common{"verify", sampled, "--schedules", "2000", "--strategy", "random"};
  for (const auto& [shard, file] : {std::pair{"0/2", "a.json"}, {"1/2", "b.json"}, {"0/1", "whole.json"}}) {
    words w = common;
    w.insert(w.end(), {"--shard", shard, "--json", file});
    EXPECT_EQ(run(w).exit_code, 0);
  }
  EXPECT_EQ(run({"merge", "a.json", "b.json", "--json", "merged.json"}).exit_code, 0);
  EXPECT_EQ(timeless("merged.json"), timeless("whole.json"));
}

TEST_F(command, merge_refuses_what_is_no_result) {
  directory_.write("broken.json", "{\n\"wavetank\": \n");
  directory_.write("foreign.json", "{}\n");
  refuses({"merge", "broken.json"}, "broken.json:3: ");
  refuses({"merge", "foreign.json"}, "foreign.json:1: ");
  refuses({"merge", "absent.json"}, "cannot read absent.json");
}

TEST_F(command, merge_refuses_shards_of_different_seeds) {
  for (const char* seed : {"1", "2"}) {
    run({"verify", sampled, "--schedules", "64", "--strategy", "random", "--seed", seed, "--json",
         std::string(seed) + ".json"});
  }
  refuses({"merge", "1.json", "2.json"}, "2.json:1: this is seed 2");
}

TEST_F(command, ctrl_c_prints_the_table_so_far) {
  const auto r = interrupt_command({"verify", sampled, "--strategy", "random", "--time", "1h", "--json", "r.json"},
                                   directory_.path(), "schedules  " + sampled);
  EXPECT_EQ(r.exit_code, 130) << r.out;
  EXPECT_NE(r.out.find("interrupted: this is what was done so far"), std::string::npos) << r.out;
  EXPECT_EQ(directory_.names(), words{"r.json"});
  EXPECT_TRUE(nlohmann::json::parse(content_of(directory_.file("r.json")))["interrupted"]);
}

}  // namespace
}  // namespace wavetank::tools::command_test

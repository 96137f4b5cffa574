// `wavetank lin` on files: exit codes, one line for bad input, reports.

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include <wavetank/model/lin/judge_file.h>

namespace wavetank::lin::testing::judge_file_tests {
namespace {

struct answer_of_command {
  int code;
  std::string out;
  std::string err;
};

class scratch_file {
 public:
  explicit scratch_file(const std::string& content) {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = (std::filesystem::temp_directory_path() / ("wavetank_" + std::string(test->name()) + ".jsonl")).string();
    std::ofstream(path_, std::ios::binary) << content;
  }
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  ~scratch_file() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

answer_of_command run(file_job job) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = judge_file(job, out, err);
  return {code, out.str(), err.str()};
}

answer_of_command judge(const std::string& model, const std::string& content, file_job job = {}) {
  const scratch_file file(content);
  job.model = model;
  job.path = file.path();
  return run(job);
}

const std::string stale_read = R"({"client":0,"call":1,"return":2,"op":"write","key":null,"input":1,"output":null})"
                               "\n"
                               R"({"client":1,"call":3,"return":4,"op":"write","key":null,"input":2,"output":null})"
                               "\n"
                               R"({"client":2,"call":3,"return":9,"op":"read","key":null,"input":null,"output":2})"
                               "\n"
                               R"({"client":0,"call":5,"return":6,"op":"read","key":null,"input":null,"output":1})"
                               "\n";

void expect_one_line(const answer_of_command& answer, int code, const std::string& part) {
  EXPECT_EQ(answer.code, code) << answer.err;
  EXPECT_TRUE(answer.out.empty()) << answer.out;
  EXPECT_NE(answer.err.find(part), std::string::npos) << answer.err;
  EXPECT_EQ(answer.err.find('\n'), answer.err.size() - 1) << answer.err;
}

TEST(judge_file, exits_0_for_a_linearizable_history_and_for_an_empty_one) {
  EXPECT_EQ(judge("register", "").code, exit_linearizable);
  EXPECT_EQ(judge("register", "\n  \n\r\n").code, exit_linearizable);
  EXPECT_EQ(judge("register", R"({"client":0,"call":1,"return":2,"op":"read","output":null})").code, exit_linearizable);
}

TEST(judge_file, exits_1_and_names_the_contradiction) {
  const auto answer = judge("register", stale_read);
  EXPECT_EQ(answer.code, exit_not_linearizable);
  EXPECT_NE(answer.out.find("not linearizable"), std::string::npos);
  EXPECT_NE(answer.out.find("'read -> 1' (line 4)"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("write 2"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("the model answers 2"), std::string::npos) << answer.out;
  EXPECT_LE(std::count(answer.out.begin(), answer.out.end(), '\n'), 20);
}

TEST(judge_file, says_the_same_in_json) {
  file_job job;
  job.json = true;
  const auto answer = judge("register", stale_read, job);
  EXPECT_EQ(answer.code, exit_not_linearizable);
  const auto json = nlohmann::json::parse(answer.out);
  EXPECT_EQ(json["verdict"], "not linearizable");
  EXPECT_EQ(json["stopped_at"]["line"], 4);
  ASSERT_EQ(json["explanation"]["core"].size(), 3U);
  EXPECT_EQ(json["explanation"]["core"][0]["line"], 1);
  EXPECT_EQ(json["explanation"]["core"][1]["line"], 2);
  EXPECT_EQ(json["explanation"]["core"][2]["line"], 4);
  EXPECT_EQ(json["explanation"]["but_for"]["returned"]["line"], 1);
  EXPECT_EQ(json["explanation"]["but_for"]["before_call_of"]["line"], 2);
}

TEST(judge_file, gives_the_same_text_twice) {
  EXPECT_EQ(judge("register", stale_read).out, judge("register", stale_read).out);
}

TEST(judge_file, exits_2_with_file_line_and_reason) {
  expect_one_line(judge("register", stale_read + "{\"client\":0}\n"), exit_bad_input,
                  ".jsonl:5: field 'call' is missing");
  expect_one_line(judge("register", "\xff\xfe\n"), exit_bad_input, ".jsonl:1: not JSON");
  expect_one_line(judge("nothing", stale_read), exit_bad_input, "one of register, kv");
  expect_one_line(judge("semaphore", ""), exit_bad_input, "--limit");
  file_job missing;
  missing.model = "register";
  missing.path = "/does/not/exist";
  expect_one_line(run(missing), exit_bad_input, "cannot open it");
  missing.path = "/";
  expect_one_line(run(missing), exit_bad_input, "it is a directory");
}

TEST(judge_file, reads_gzip_and_refuses_a_truncated_one) {
  std::string large;
  for (int i = 0; i < 2000; ++i)
    large += R"({"client":0,"call":)" + std::to_string(2 * i) + R"(,"return":)" + std::to_string(2 * i + 1) +
             R"(,"op":"write","input":)" + std::to_string(i * 7919) + "}\n";
  const scratch_file file("");
  gzFile zipped = gzopen(file.path().c_str(), "wb");
  ASSERT_NE(zipped, nullptr);
  ASSERT_EQ(gzwrite(zipped, large.data(), static_cast<unsigned>(large.size())), static_cast<int>(large.size()));
  gzclose(zipped);
  file_job job;
  job.model = "register";
  job.path = file.path();
  EXPECT_EQ(run(job).code, exit_linearizable);
  std::filesystem::resize_file(file.path(), std::filesystem::file_size(file.path()) / 2);
  expect_one_line(run(job), exit_bad_input, "truncated");
}

// Concurrent enqueues of distinct values: every order is a state of its own. The pending dequeue keeps the model from
// ruling them out by what the last one wants.
std::string many_orders(int enqueues) {
  std::string text = R"({"client":50,"call":0,"return":null,"op":"deq"})"
                     "\n";
  for (int i = 0; i < enqueues; ++i)
    text += R"({"client":)" + std::to_string(i) + R"(,"call":0,"return":100,"op":"enq","input":)" + std::to_string(i) +
            "}\n";
  return text + R"({"client":99,"call":101,"return":102,"op":"deq","output":77})" + "\n";
}

TEST(judge_file, exits_3_when_configurations_memory_or_time_run_out) {
  file_job few;
  few.how.limit_configurations = 1000;
  const auto by_count = judge("queue", many_orders(9), few);
  EXPECT_EQ(by_count.code, exit_undecided);
  EXPECT_NE(by_count.out.find("configurations limit"), std::string::npos) << by_count.out;
  EXPECT_EQ(by_count.out, judge("queue", many_orders(9), few).out);

  file_job small;
  small.how.limit_bytes = 1 << 20;
  const auto by_memory = judge("queue", many_orders(10), small);
  EXPECT_EQ(by_memory.code, exit_undecided);
  EXPECT_NE(by_memory.out.find("memory limit"), std::string::npos) << by_memory.out;

  file_job soon;
  soon.how.out_of_time = [] { return true; };
  const auto by_time = judge("queue", many_orders(5), soon);
  EXPECT_EQ(by_time.code, exit_undecided);
  EXPECT_NE(by_time.out.find("time limit"), std::string::npos) << by_time.out;
}

TEST(judge_file, exits_3_when_the_file_alone_is_more_than_the_memory_allowed) {
  file_job tiny;
  tiny.how.limit_bytes = 4096;
  expect_one_line(judge("register", many_orders(100), tiny), exit_undecided, "raise --memory");
  expect_one_line(judge("register", std::string(5000, ' '), tiny), exit_undecided, "raise --memory");
}

}  // namespace
}  // namespace wavetank::lin::testing::judge_file_tests

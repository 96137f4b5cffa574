// `wavetank lin` and `wavetank model` as processes: verdicts are exit codes, bad input is one line.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "run_command.h"

namespace wavetank::tools::judges_command_test {
namespace {

std::string operation(int client, int call, const std::string& returns, const std::string& op, const std::string& input,
                      const std::string& output) {
  return "{\"client\":" + std::to_string(client) + ",\"call\":" + std::to_string(call) + ",\"return\":" + returns +
         ",\"op\":\"" + op + "\",\"key\":null,\"input\":" + input + ",\"output\":" + output + "}\n";
}

class judges_command : public testing::Test {
 protected:
  command_result lin(const std::string& model, const std::string& history, std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"lin", model, directory_.write("history.jsonl", history)});
    return run_command(more, directory_.path());
  }

  scratch_directory directory_;
};

const std::string write_one = operation(1, 1, "2", "write", "1", "null");

TEST_F(judges_command, lin_answers_0_for_a_linearizable_history) {
  const auto r = lin("register", write_one + operation(2, 3, "4", "read", "null", "1"));
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
}

TEST_F(judges_command, lin_answers_1_and_names_the_operation_that_cannot_be_placed) {
  const auto r = lin("register", write_one + operation(2, 3, "4", "read", "null", "7"));
  EXPECT_EQ(r.exit_code, 1) << r.out << r.err;
  EXPECT_NE(r.out.find("read"), std::string::npos) << r.out;
}

TEST_F(judges_command, lin_answers_2_with_file_and_line_for_what_is_no_history) {
  const auto r = lin("register", write_one + "{\"client\":1,\n");
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  EXPECT_NE(r.err.find("history.jsonl:2"), std::string::npos) << r.err;
}

TEST_F(judges_command, lin_answers_3_when_its_time_is_over) {
  const auto r = lin("register", write_one + operation(2, 3, "4", "read", "null", "7"), {"--time", "0.0000001"});
  EXPECT_EQ(r.exit_code, 3) << r.out << r.err;
}

TEST_F(judges_command, lin_prints_json_that_agrees_with_its_exit_code) {
  const auto r = lin("register", write_one, {"--json"});
  const auto j = nlohmann::json::parse(r.out);
  EXPECT_EQ(r.exit_code, 0);
  EXPECT_EQ(j.at("verdict"), "linearizable");
}

TEST_F(judges_command, lin_refuses_a_model_that_it_does_not_have) {
  const auto r = lin("stack", write_one);
  EXPECT_EQ(r.exit_code, 2);
  EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
}

TEST_F(judges_command, model_answers_0_and_prints_what_it_exhausted) {
  const auto r = run_command({"model", "counting_semaphore_limits", "--bound", "calls=2"}, directory_.path());
  EXPECT_EQ(r.exit_code, 0) << r.out << r.err;
  EXPECT_NE(r.out.find("states"), std::string::npos) << r.out;
}

TEST_F(judges_command, model_answers_3_when_its_states_run_out) {
  const auto r = run_command({"model", "counting_semaphore", "--states", "100"}, directory_.path());
  EXPECT_EQ(r.exit_code, 3) << r.out << r.err;
}

TEST_F(judges_command, model_refuses_bounds_and_names_that_are_none) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"model", "no_such"}, {"model", "counting_semaphore", "--bound", "moons=2"}}) {
    const auto r = run_command(words, directory_.path());
    EXPECT_EQ(r.exit_code, 2);
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << r.err;
  }
}

}  // namespace
}  // namespace wavetank::tools::judges_command_test

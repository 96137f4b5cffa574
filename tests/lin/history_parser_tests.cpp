// What a line of a history file may be, and what is said of one that is not.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <wavetank/model/lin/file_models.h>
#include <wavetank/model/lin/history_parser.h>
#include <wavetank/model/lin/report.h>
#include <wavetank/tests/lin/random_histories.h>

namespace wavetank::lin::testing::history_parser_tests {
namespace {

std::string refusal(const std::string& line) {
  const auto parsed = parse_history_line(line, 7);
  return parsed ? "" : parsed.error();
}

// What is said of a file that parses but that the model cannot read.
input_error misfit(const std::string& model, const std::string& text) {
  const auto lines = parse_history(text);
  if (!lines) return lines.error();
  const auto what = load_history(model, 3, *lines);
  return what ? input_error{} : what.error();
}

std::string operation(const std::string& call, const std::string& returned, const std::string& rest) {
  return R"({"client":0,"call":)" + call + R"(,"return":)" + returned + "," + rest + "}\n";
}

TEST(history_parser, reads_every_field) {
  const auto line = parse_history_line(
      R"({"client":4,"call":-3,"return":9,"op":"cas","key":"k","input":[2,4],"output":true,"unknown":true})", 12);
  ASSERT_TRUE(line.has_value()) << line.error();
  EXPECT_EQ(line->line, 12U);
  EXPECT_EQ(line->client, 4);
  EXPECT_EQ(line->call, -3);
  EXPECT_EQ(line->returned, 9);
  EXPECT_EQ(line->op, "cas");
  EXPECT_EQ(line->key, "k");
  EXPECT_EQ(line->input.list, (std::vector<std::int64_t>{2, 4}));
  EXPECT_TRUE(line->output.is(field_value::kind::truth));
  EXPECT_TRUE(line->unknown);
}

TEST(history_parser, takes_null_for_a_pending_return_and_skips_fields_that_it_does_not_know) {
  const auto line =
      parse_history_line(R"({"why":{"a":[1,[2,{"b":1e999}]]},"op":"read","client":0,"call":1,"return":null})", 1);
  EXPECT_FALSE(line.has_value());  // 1e999 is no number at all
  const auto tame =
      parse_history_line(R"({"why":{"a":[1,[2.5,{"b":"c"}]]},"op":"read","client":0,"call":1,"return":null})", 1);
  ASSERT_TRUE(tame.has_value()) << tame.error();
  EXPECT_FALSE(tame->returned.has_value());
}

TEST(history_parser, says_what_is_wrong_with_a_line) {
  EXPECT_NE(refusal("").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal("[1]").find("must be one JSON object"), std::string::npos);
  EXPECT_NE(refusal("3").find("must be one JSON object"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1)").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"read"} x)").find("not JSON"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"op":"read"})").find("'return' is missing"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"return":1,"op":"read"})").find("'call' is missing"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":"a","call":1,"return":2,"op":"read"})").find("'client' must be a whole number"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1.5,"return":2,"op":"read"})").find("not a whole number"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":18446744073709551615,"return":2,"op":"read"})").find("64 bits"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":99999999999999999999999,"return":2,"op":"read"})").find("64 bits"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":"2","op":"read"})").find("'return' must be"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":3})").find("'op' must be a string"), std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"read","key":3})").find("'key' must be"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"read","unknown":1})").find("'unknown' must be"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"client":1,"call":1,"return":2,"op":"read"})").find("appears twice"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"cas","input":[[1],2]})").find("nested too deep"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"cas","input":["a"]})").find("list with something else"),
            std::string::npos);
  EXPECT_NE(refusal(R"({"client":0,"call":1,"return":2,"op":"cas","input":{"a":1}})").find("is an object"),
            std::string::npos);
  EXPECT_NE(refusal("{\"client\":0,\"call\":1,\"return\":2,\"op\":\"\xff\xfe\"}").find("not JSON"), std::string::npos);
}

TEST(history_parser, refuses_deep_nesting_without_deep_recursion_or_much_memory) {
  const std::string deep(1'000'000, '[');
  EXPECT_NE(refusal(R"({"x":)" + deep).find("nested deeper"), std::string::npos);
  EXPECT_NE(refusal(R"({"input":)" + deep).find("nested too deep"), std::string::npos);
}

TEST(history_parser, says_what_does_not_fit_the_model) {
  EXPECT_NE(misfit("register", operation("1", "2", R"("op":"push","input":1)")).what.find("no operation 'push'"),
            std::string::npos);
  EXPECT_NE(misfit("register", operation("1", "2", R"("op":"write","input":"x")")).what.find("'input' of write"),
            std::string::npos);
  EXPECT_NE(misfit("register", operation("1", "2", R"("op":"cas","input":[1],"output":true)")).what.find("[from,to]"),
            std::string::npos);
  EXPECT_NE(misfit("register", operation("1", "2", R"("op":"read","output":true)")).what.find("'output' of read"),
            std::string::npos);
  EXPECT_NE(misfit("kv", operation("1", "2", R"("op":"get","output":"")")).what.find("'key' of get"),
            std::string::npos);
  EXPECT_NE(misfit("kv", operation("1", "2", R"("op":"get","key":"a","output":null)")).what.find("'output' of get"),
            std::string::npos);
  EXPECT_NE(misfit("set", operation("1", "2", R"("op":"add","input":1,"output":1)")).what.find("'output' of add"),
            std::string::npos);
  EXPECT_NE(misfit("semaphore", operation("1", "2", R"("op":"acquire","input":-1)")).what.find("not negative"),
            std::string::npos);
  EXPECT_NE(misfit("fair_semaphore", operation("1", "2", R"("op":"acq_req","input":[1,-1])")).what.find("not negative"),
            std::string::npos);
  EXPECT_EQ(misfit("register", operation("1", "2", R"("op":"read","output":null)") +
                                   operation("1", "2", R"("op":"read","output":"x")"))
                .line,
            2U);
}

TEST(history_parser, refuses_what_is_no_history) {
  const std::string crash = R"({"op":"crash","client":-1,"call":5,"return":5})"
                            "\n";
  EXPECT_NE(misfit("register", operation("3", "2", R"("op":"write","input":1)")).what.find("before its call"),
            std::string::npos);
  EXPECT_NE(misfit("register", crash + operation("4", "6", R"("op":"write","input":1)")).what.find("spans the crash"),
            std::string::npos);
  EXPECT_EQ(misfit("register", crash + operation("4", "6", R"("op":"write","input":1)")).line, 2U);
  EXPECT_NE(misfit("register", crash + operation("5", "6", R"("op":"write","input":1)"))
                .what.find("in common with the crash"),
            std::string::npos);
  EXPECT_NE(misfit("register", crash + operation("5", "null", R"("op":"write","input":1)"))
                .what.find("in common with the crash"),
            std::string::npos);
  EXPECT_NE(misfit("register", crash + crash).what.find("two crashes"), std::string::npos);
  EXPECT_EQ(misfit("register", crash + crash).line, 2U);
  EXPECT_NE(
      misfit("register", R"({"op":"crash","client":-1,"call":5,"return":6})").what.find("the same 'call' and 'return'"),
      std::string::npos);
  EXPECT_NE(
      misfit("register", operation("9223372036854775807", "null", R"("op":"write","input":1)")).what.find("too large"),
      std::string::npos);
}

// The fuzzer's property, on seeds that are mutated a bounded number of times: no crash, and every refusal says
// something.
TEST(history_parser, survives_mutated_histories) {
  random_source random(20);
  const std::vector<std::string> seeds = {
      operation("1", "2", R"("op":"write","input":1)") +
          operation("1", "null", R"("op":"cas","input":[1,2],"output":true)"),
      operation("1", "2", R"("op":"append","key":"k","input":"x\u00e9y")") +
          operation("3", "4", R"("op":"get","key":"k","output":"z")"),
      operation("1", "9", R"("op":"acq_req","input":[1,2])") + operation("2", "null", R"("op":"cancel","input":1)"),
      operation("1", "1", R"("op":"sync")") + "{\"op\":\"crash\",\"client\":-1,\"call\":4,\"return\":4}\n",
  };
  const std::string alphabet = "{}[]\",:0123456789.-eE tfn\\u\n\x80\xff";
  int parsed = 0;
  for (int i = 0; i < 15'000; ++i) {
    std::string text = seeds[static_cast<std::size_t>(i) % seeds.size()];
    for (std::int64_t edits = 1 + random.below(3); edits > 0; --edits) {
      const auto at = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(text.size())));
      const char c = alphabet[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(alphabet.size())))];
      if (random.one_in(3))
        text.erase(at, static_cast<std::size_t>(1 + random.below(4)));
      else if (random.one_in(2))
        text[at] = c;
      else
        text.insert(at, 1, c);
      if (text.empty()) text = "{";
    }
    const auto lines = parse_history(text);
    if (!lines) {
      ASSERT_FALSE(lines.error().what.empty());
      ASSERT_GT(lines.error().line, 0U);
      continue;
    }
    ++parsed;
    for (const std::string_view model : file_model_names()) {
      const auto what = load_history(model, 3, *lines);
      if (!what) {
        ASSERT_FALSE(what.error().what.empty());
        continue;
      }
      const verdict v = (*what)->judge({});
      if (v.result != outcome::not_linearizable) continue;
      const explanation why = (*what)->explain_failure(v, {}, {});
      ASSERT_FALSE(report_text({"f", std::string(model), criterion::strict}, **what, v, &why).empty());
    }
  }
  EXPECT_GT(parsed, 400);
}

}  // namespace
}  // namespace wavetank::lin::testing::history_parser_tests

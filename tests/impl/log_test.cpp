// Where messages go.
#include <wavetank/impl/runtime/spdlog/spdlog_log.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

namespace wavetank::log_test {
namespace {

class last_line final : public log_sink {
 public:
  void write(log_level level, std::string_view message) noexcept override {
    line = std::string{to_string(level)} + ": " + std::string{message};
  }
  std::string line;
};

TEST(spdlog_log, writes_messages_literally_and_with_their_level) {
  std::ostringstream out;
  auto logger =
      std::make_shared<spdlog::logger>("wavetank test", std::make_shared<spdlog::sinks::ostream_sink_st>(out));
  logger->set_pattern("%l|%v");
  spdlog::register_logger(logger);
  const auto log = make_spdlog_log("wavetank test");
  log->write(log_level::warning, "braces {} stay {0}");
  spdlog::drop("wavetank test");
  log->write(log_level::error, "the sink keeps its logger");
  EXPECT_EQ(out.str(), "warning|braces {} stay {0}\nerror|the sink keeps its logger\n");
}

TEST(task_log, tells_of_an_exception_that_nobody_joined) {
  last_line log;
  thread_runtime r{log};
  {
    const auto t = r.spawn("loader", [] { throw std::runtime_error("disk on fire"); });
  }
  EXPECT_EQ(log.line, "error: task 'loader' was ended by an exception and nobody joined it: disk on fire");
}

TEST(task_log, says_nothing_of_an_exception_that_was_joined) {
  last_line log;
  thread_runtime r{log};
  {
    auto t = r.spawn("loader", [] { throw std::runtime_error("disk on fire"); });
    EXPECT_THROW(t.join(), std::runtime_error);
  }
  EXPECT_EQ(log.line, "");
}

}  // namespace
}  // namespace wavetank::log_test

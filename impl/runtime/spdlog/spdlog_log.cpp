#include <wavetank/impl/runtime/spdlog/spdlog_log.h>

#include <utility>

#include <spdlog/spdlog.h>

namespace wavetank {
namespace {

spdlog::level::level_enum spdlog_level(log_level level) noexcept {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    case log_level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

class spdlog_sink final : public log_sink {
 public:
  explicit spdlog_sink(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
  void write(log_level level, std::string_view message) noexcept override {
    // As a value, not as a format: the message may hold braces.
    logger_->log(spdlog_level(level), spdlog::string_view_t{message.data(), message.size()});
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

std::unique_ptr<log_sink> make_spdlog_log(const std::string& logger_name) {
  auto logger = logger_name.empty() ? nullptr : spdlog::get(logger_name);
  return std::make_unique<spdlog_sink>(logger != nullptr ? std::move(logger) : spdlog::default_logger());
}

}  // namespace wavetank

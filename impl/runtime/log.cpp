#include <wavetank/impl/runtime/log.h>

#include <cstdio>

namespace wavetank {
namespace {

class stderr_sink final : public log_sink {
 public:
  void write(log_level level, std::string_view message) noexcept override {
    if (level < log_level::warning) return;
    const std::string_view name = to_string(level);
    std::fprintf(stderr, "wavetank: %.*s: %.*s\n", static_cast<int>(name.size()), name.data(),
                 static_cast<int>(message.size()), message.data());
  }
};

class discarding_sink final : public log_sink {
 public:
  void write(log_level, std::string_view) noexcept override {}
};

}  // namespace

// Both are left alive at exit: threads that outlive `main` may still write to them.
log_sink& stderr_log() noexcept {
  static stderr_sink& sink = *new stderr_sink;
  return sink;
}

log_sink& discarding_log() noexcept {
  static discarding_sink& sink = *new discarding_sink;
  return sink;
}

std::string_view to_string(log_level level) noexcept {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    case log_level::error:
      return "error";
  }
  return "unknown";
}

}  // namespace wavetank

// Where the messages of components go in production: an abstract sink, so that nobody who links the library also links
// a logging library. `spdlog_log.h` is the adapter for spdlog. A sink must outlive the runtimes that write to it.
#pragma once

#include <wavetank/impl/runtime.h>

#include <string_view>

namespace wavetank {

/// Takes messages for people. `write` may be called by several tasks at once and must not throw.
class log_sink {
 public:
  virtual ~log_sink() = default;
  virtual void write(log_level level, std::string_view message) noexcept = 0;
};

/// The default: warnings and errors, one line each, on stderr.
log_sink& stderr_log() noexcept;

/// Takes everything and keeps nothing.
log_sink& discarding_log() noexcept;

/// "debug", "info", "warning" or "error".
std::string_view to_string(log_level level) noexcept;

}  // namespace wavetank

// Messages of components go to spdlog. In a target of its own, `wavetank::impl_spdlog`; this header needs no spdlog.
#pragma once

#include <wavetank/impl/runtime/log.h>

#include <memory>
#include <string>

namespace wavetank {

/// Writes to the spdlog logger that is registered as `logger_name`, to spdlog's default logger if there is none when
/// this is called. The logger is kept alive by the sink. A message that spdlog cannot write is spdlog's to report.
std::unique_ptr<log_sink> make_spdlog_log(const std::string& logger_name = {});

}  // namespace wavetank

// A listener that writes to the runtime's log, and so to spdlog where that is the log (make_spdlog_log).
//
// What happens all the time is told at debug level, failures as warnings, a stuck processor as an error.
#pragma once

#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/runtime.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace wavetank {

/// As `buffer_listener`; the runtime outlives it.
template <runtime R>
class log_listener final : public buffer_listener {
 public:
  /// `name`: what the messages call the buffer.
  explicit log_listener(R& world, std::string name = "buffer") : world_(world), name_(std::move(name)) {}

  void started(std::size_t p) noexcept override { say(log_level::info, p, "started"); }
  void stopped(std::size_t p, std::string_view reason, bool drained) noexcept override {
    say(drained ? log_level::info : log_level::warning, p,
        "stopped (" + std::string{reason} + (drained ? ")" : "), records are given back"));
  }
  void processing_started(std::size_t p, std::uint64_t records, std::chrono::nanoseconds swap_wait,
                          std::chrono::nanoseconds oldest) noexcept override {
    say(log_level::debug, p,
        "processing of " + count(records) + " started, the oldest at most " + micros(oldest) +
            " old; the swap waited " + micros(swap_wait));
  }
  void processing_finished(std::size_t p, std::uint64_t records, std::chrono::nanoseconds took) noexcept override {
    say(log_level::debug, p, "processing of " + count(records) + " finished in " + micros(took));
  }
  void processing_failed(std::size_t p, processing_failure reason, std::uint64_t records,
                         std::string_view text) noexcept override {
    say(log_level::warning, p,
        "processing of " + count(records) + " failed: " + std::string{to_string(reason)} + ": " + std::string{text});
  }
  void stuck(std::size_t p, bool now) noexcept override {
    say(now ? log_level::error : log_level::warning, p,
        now ? "stuck: a processor call has timed out and not returned; nothing is processed before it does"
            : "not stuck any more: the processor call has returned");
  }
  void dropped(std::size_t p, drop_reason reason, std::uint64_t records) noexcept override {
    say(log_level::warning, p, count(records) + " dropped: " + std::string{to_string(reason)});
  }
  void restarted(std::size_t p) noexcept override { say(log_level::warning, p, "a task died and was replaced"); }

 private:
  static std::string count(std::uint64_t records) { return std::to_string(records) + " records"; }
  static std::string micros(std::chrono::nanoseconds t) { return std::to_string(t.count() / 1000) + " us"; }

  void say(log_level level, std::size_t partition, const std::string& what) noexcept {
    world_.log(level, name_ + " partition " + std::to_string(partition) + ": " + what);
  }

  R& world_;
  const std::string name_;
};

}  // namespace wavetank

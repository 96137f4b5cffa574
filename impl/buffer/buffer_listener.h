// What a buffer tells of itself. Without a listener nothing of it is computed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wavetank {

/// Why records were dropped.
enum class drop_reason : std::uint8_t { newest, oldest, rejected };
/// Why a call of the processor failed.
enum class processing_failure : std::uint8_t { threw, timed_out, task_died, stopped };

std::string_view to_string(drop_reason reason) noexcept;
std::string_view to_string(processing_failure reason) noexcept;

/// Told by the tasks of the buffer and by writers, by several at a time, never with a lock of the buffer held but for
/// that which orders the events of one partition: it must not wait, must not call the buffer and must not throw.
/// Outlives the buffer.
class buffer_listener {
 public:
  virtual ~buffer_listener() = default;
  virtual void started(std::size_t /*partition*/) noexcept {}
  virtual void stopped(std::size_t /*partition*/, std::string_view /*reason*/, bool /*drained*/) noexcept {}
  /// A table was handed over. `swap_wait`: how long its last writers took to leave. `oldest`: the age of the table, at
  /// least that of its oldest record.
  virtual void processing_started(std::size_t /*partition*/, std::uint64_t /*records*/,
                                  std::chrono::nanoseconds /*swap_wait*/,
                                  std::chrono::nanoseconds /*oldest*/) noexcept {}
  virtual void processing_finished(std::size_t /*partition*/, std::uint64_t /*records*/,
                                   std::chrono::nanoseconds /*duration*/) noexcept {}
  /// One call failed. `text`: what it threw.
  virtual void processing_failed(std::size_t /*partition*/, processing_failure /*reason*/, std::uint64_t /*records*/,
                                 std::string_view /*text*/) noexcept {}
  /// A call that timed out has not returned: no other call of the partition starts before it does.
  virtual void stuck(std::size_t /*partition*/, bool /*now*/) noexcept {}
  virtual void dropped(std::size_t /*partition*/, drop_reason /*reason*/, std::uint64_t /*records*/) noexcept {}
  /// A task of the partition died and was replaced.
  virtual void restarted(std::size_t /*partition*/) noexcept {}
};

}  // namespace wavetank

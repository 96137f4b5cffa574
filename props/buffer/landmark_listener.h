// Turns what the partitions of a buffer tell of themselves into landmarks, and passes failed calls on to their ledgers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/props/buffer/buffer_ledger.h>

namespace wavetank::props {

class landmark_listener final : public buffer_listener {
 public:
  /// By partition; they outlive it.
  explicit landmark_listener(std::span<buffer_ledger> ledgers) : ledgers_(ledgers) {}
  void stuck(std::size_t, bool now) noexcept override;
  void dropped(std::size_t, drop_reason reason, std::uint64_t) noexcept override;
  void restarted(std::size_t) noexcept override;
  void processing_failed(std::size_t partition, processing_failure reason, std::uint64_t records,
                         std::string_view) noexcept override;

 private:
  std::span<buffer_ledger> ledgers_;
};

}  // namespace wavetank::props

// A fuzzer's bytes as answers, one after the other; zeros when there are none left.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <wavetank/sim/disk/decider.h>

namespace wavetank::fuzz {

class byte_script final : public sim::disk::decider {
 public:
  byte_script(const std::uint8_t* data, std::size_t size_bytes) : left_(data, size_bytes) {}

  bool empty() const noexcept { return left_.empty(); }
  std::uint8_t next() noexcept {
    if (left_.empty()) return 0;
    const std::uint8_t first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  std::uint32_t below(std::uint32_t limit) noexcept { return next() % limit; }
  std::uint32_t next_two() noexcept { return next() * 256U + next(); }
  std::span<const std::byte> next_bytes(std::size_t most) noexcept {
    const auto taken = left_.first(std::min(most, left_.size()));
    left_ = left_.subspan(taken.size());
    return std::as_bytes(taken);
  }

  std::uint32_t choose(std::uint32_t alternatives, std::string_view) override { return below(alternatives); }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace wavetank::fuzz

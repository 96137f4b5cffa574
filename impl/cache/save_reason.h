// Why a row was saved, as one byte of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wavetank {

/// The numbers are those of the file format.
enum class save_reason : std::uint8_t { unknown = 0, cold = 1, continued = 2, evict = 3, shutdown = 4, finish = 5 };

/// The reason with that number, if there is one.
constexpr std::optional<save_reason> save_reason_of(std::uint8_t number) noexcept {
  if (number > static_cast<std::uint8_t>(save_reason::finish)) return std::nullopt;
  return static_cast<save_reason>(number);
}

constexpr std::string_view to_string(save_reason reason) noexcept {
  switch (reason) {
    case save_reason::unknown:
      return "unknown";
    case save_reason::cold:
      return "cold";
    case save_reason::continued:
      return "continued";
    case save_reason::evict:
      return "evict";
    case save_reason::shutdown:
      return "shutdown";
    case save_reason::finish:
      return "finish";
  }
  return "invalid";
}

}  // namespace wavetank

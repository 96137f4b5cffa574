// How a model's fingerprint was taken, as one byte of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wavetank {

/// The numbers are those of the file format.
enum class fingerprint_mode : std::uint8_t { safe = 0, gguf_chunked = 1, fast_unsafe = 2 };

/// The mode with that number, if there is one.
constexpr std::optional<fingerprint_mode> fingerprint_mode_of(std::uint8_t number) noexcept {
  if (number > static_cast<std::uint8_t>(fingerprint_mode::fast_unsafe)) return std::nullopt;
  return static_cast<fingerprint_mode>(number);
}

constexpr std::string_view to_string(fingerprint_mode mode) noexcept {
  switch (mode) {
    case fingerprint_mode::safe:
      return "safe";
    case fingerprint_mode::gguf_chunked:
      return "gguf_chunked";
    case fingerprint_mode::fast_unsafe:
      return "fast_unsafe";
  }
  return "invalid";
}

}  // namespace wavetank

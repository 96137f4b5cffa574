// How a model's weights are quantized, as one byte of a key and of a file.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wavetank {

/// The numbers are those of the file format.
enum class quant_type : std::uint8_t {
  f32 = 0,
  f16 = 1,
  q4_0 = 2,
  q4_1 = 3,
  q5_0 = 4,
  q5_1 = 5,
  q8_0 = 6,
  q4_k_m = 7,
  q4_k_s = 8,
  q5_k_m = 9,
  q5_k_s = 10,
  q6_k = 11,
  q8_k = 12,
  q2_k = 13,
  q3_k_s = 14,
  q3_k_m = 15,
  q3_k_l = 16,
  iq2_xxs = 17,
  iq2_xs = 18,
  iq2_s = 19,
  iq2_m = 20,
  iq3_xxs = 21,
  iq3_xs = 22,
  iq3_s = 23,
  iq3_m = 24,
  iq1_s = 25,
  iq1_m = 26,
  iq4_nl = 27,
  iq4_xs = 28,
  bf16 = 29
};

/// The names, each at its number.
inline constexpr std::array<std::string_view, 30> quant_type_names{
    "f32",    "f16",     "q4_0",   "q4_1",  "q5_0",   "q5_1",   "q8_0",   "q4_k_m",  "q4_k_s", "q5_k_m",
    "q5_k_s", "q6_k",    "q8_k",   "q2_k",  "q3_k_s", "q3_k_m", "q3_k_l", "iq2_xxs", "iq2_xs", "iq2_s",
    "iq2_m",  "iq3_xxs", "iq3_xs", "iq3_s", "iq3_m",  "iq1_s",  "iq1_m",  "iq4_nl",  "iq4_xs", "bf16"};

/// The type with that number, if there is one.
constexpr std::optional<quant_type> quant_type_of(std::uint8_t number) noexcept {
  if (number >= quant_type_names.size()) return std::nullopt;
  return static_cast<quant_type>(number);
}

/// Its name, or "unknown".
constexpr std::string_view to_string(quant_type type) noexcept {
  const auto number = static_cast<std::size_t>(type);
  return number < quant_type_names.size() ? quant_type_names[number] : "unknown";
}

/// The type with that name, if there is one.
constexpr std::optional<quant_type> quant_type_named(std::string_view name) noexcept {
  for (std::size_t i = 0; i < quant_type_names.size(); ++i) {
    if (quant_type_names[i] == name) return static_cast<quant_type>(i);
  }
  return std::nullopt;
}

}  // namespace wavetank

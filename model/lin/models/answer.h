// What an object of integers answers: nothing, null, a number or a truth value. Shared by the models of this folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace wavetank::lin::models {

class answer {
 public:
  enum class kind : std::uint8_t { nothing, null, number, truth };

  constexpr answer() = default;
  static constexpr answer null() { return answer(kind::null, 0); }
  static constexpr answer number(std::int64_t value) { return answer(kind::number, value); }
  static constexpr answer truth(bool value) { return answer(kind::truth, value ? 1 : 0); }

  [[nodiscard]] constexpr bool is(kind what) const { return kind_ == what; }
  [[nodiscard]] constexpr std::int64_t value() const { return value_; }
  [[nodiscard]] constexpr bool is_true() const { return kind_ == kind::truth && value_ == 1; }
  [[nodiscard]] constexpr bool is_false() const { return kind_ == kind::truth && value_ == 0; }
  friend constexpr bool operator==(const answer&, const answer&) = default;

  /// Empty for nothing.
  [[nodiscard]] std::string words() const {
    switch (kind_) {
      case kind::nothing:
        return "";
      case kind::null:
        return "null";
      case kind::number:
        return std::to_string(value_);
      case kind::truth:
        return value_ == 1 ? "true" : "false";
    }
    return "?";
  }

 private:
  constexpr answer(kind what, std::int64_t value) : kind_(what), value_(value) {}
  kind kind_ = kind::nothing;
  std::int64_t value_ = 0;
};

/// Mixes a number into a hash.
inline std::size_t hash_with(std::size_t hash, std::int64_t value) noexcept {
  std::uint64_t x = static_cast<std::uint64_t>(hash) ^ (static_cast<std::uint64_t>(value) + 0x9E3779B97F4A7C15ULL);
  x *= 0xBF58476D1CE4E5B9ULL;
  return static_cast<std::size_t>(x ^ (x >> 29));
}

/// `[1,2,3]`, shortened in the middle beyond two dozen numbers.
inline std::string list_words(const std::vector<std::int64_t>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values.size() > 24 && i == 12) {
      text += " ... " + std::to_string(values.size() - 24) + " more ... ";
      i = values.size() - 12;
    } else if (i > 0) {
      text += ",";
    }
    text += std::to_string(values[i]);
  }
  return text + "]";
}

}  // namespace wavetank::lin::models

#include <wavetank/impl/batch/log_directory.h>

#include <charconv>

namespace wavetank {
namespace {

constexpr std::string_view segment_prefix = "log-";
constexpr std::size_t digits = 16;
constexpr int base = 16;

}  // namespace

std::string segment_name(std::uint64_t segment) {
  std::string number(digits, '0');
  char text[digits];
  const auto written = std::to_chars(std::begin(text), std::end(text), segment, base);
  const auto length = static_cast<std::size_t>(written.ptr - text);
  number.replace(digits - length, length, text, length);
  return std::string{segment_prefix} + number;
}

std::optional<std::uint64_t> segment_of_name(std::string_view name) noexcept {
  if (name.size() != segment_prefix.size() + digits || !name.starts_with(segment_prefix)) return std::nullopt;
  name.remove_prefix(segment_prefix.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number, base);
  const bool lower_case = name.find_first_of("ABCDEF-") == std::string_view::npos;
  if (error != std::errc{} || end != name.data() + name.size() || !lower_case) return std::nullopt;
  return number;
}

}  // namespace wavetank

// Reads one line of a history file (one JSON object an operation, see docs of `wavetank lin`) without knowing the
// model.
//
// Input is untrusted: any bytes give an operation or a message that says what is wrong, never a crash, and never more
// than a few times the line's length of memory. Nesting is limited, numbers must be whole and fit 64 bits, text must be
// UTF-8, a field may not appear twice. Fields that the format does not know are skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

/// An `input` or `output` as it stands in the line.
struct field_value {
  enum class kind : std::uint8_t { null, truth, number, text, list } what = kind::null;
  std::int64_t number = 0;  ///< number, or 0 / 1 for a truth value
  std::string text;
  std::vector<std::int64_t> list;  ///< a flat list of numbers

  [[nodiscard]] bool is(kind k) const noexcept { return what == k; }
};

/// One line, unjudged.
struct line_operation {
  std::uint64_t line = 0;  ///< its number in the file, from 1
  std::int64_t client = 0;
  instant call = 0;
  std::optional<instant> returned;
  std::string op;
  std::optional<std::string> key;
  field_value input;
  field_value output;
  bool unknown = false;

  [[nodiscard]] bool is_crash() const noexcept { return op == "crash"; }
  /// Bytes that it holds, for the memory limit.
  [[nodiscard]] std::uint64_t bytes() const noexcept;
};

/// What is wrong with an input; `line` 0: with the file as a whole.
struct input_error {
  std::uint64_t line = 0;
  std::string what;
};

/// Parses one line; `number` is kept in the result. O(length).
[[nodiscard]] tl::expected<line_operation, std::string> parse_history_line(std::string_view line, std::uint64_t number);

/// True for a line that holds nothing but blanks; such lines are skipped.
[[nodiscard]] bool is_blank(std::string_view line) noexcept;

/// Parses text of any number of lines. For text that is in memory already; files: history_file.h.
[[nodiscard]] tl::expected<std::vector<line_operation>, input_error> parse_history(std::string_view text);

}  // namespace wavetank::lin

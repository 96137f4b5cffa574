#include <wavetank/model/lin/history_parser.h>

#include <array>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

namespace wavetank::lin {
namespace {

constexpr std::size_t deepest_nesting = 16;
enum field : std::size_t {
  client_field,
  call_field,
  return_field,
  op_field,
  key_field,
  input_field,
  output_field,
  unknown_field,
  fields
};
constexpr std::array<std::string_view, fields> names = {"client", "call",  "return", "op",
                                                        "key",    "input", "output", "unknown"};

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 40;
  std::string shown = "'";
  for (const char c : text.substr(0, most)) shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return shown + (text.size() > most ? "...'" : "'");
}

// Builds a line_operation from nlohmann's events; false stops the parser, `error` says why.
class line_reader {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  bool null() { return scalar({}); }
  bool boolean(bool value) { return scalar({field_value::kind::truth, value ? 1 : 0, {}, {}}); }
  bool number_integer(number_integer_t value) { return scalar({field_value::kind::number, value, {}, {}}); }
  bool number_unsigned(number_unsigned_t value) {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max()))
      return skipping() || fail(where() + " does not fit 64 bits: " + std::to_string(value));
    return number_integer(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t, const string_t& text) {
    return skipping() || fail(where() + " is not a whole number that fits 64 bits: " + in_quotes(text));
  }
  bool string(string_t& value) { return scalar({field_value::kind::text, 0, std::move(value), {}}); }
  bool binary(binary_t&) { return fail("binary values are not JSON"); }

  bool start_object(std::size_t) {
    if (depth_ == 0) return enter();
    return skipping() ? enter() : fail(where() + " is an object: not expected here");
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) {
    if (depth_ == 0) return fail("a line must be one JSON object, it is an array");
    if (skipping()) return enter();
    if (depth_ > 1 || (current_ != input_field && current_ != output_field))
      return fail(where() + (depth_ > 1 ? " is nested too deep" : " is an array: not expected here"));
    list_ = {};
    return enter();
  }
  bool end_array() {
    --depth_;
    if (depth_ == 1 && !skipping()) {
      field_value list;
      list.what = field_value::kind::list;
      list.list = std::move(list_);
      list_ = {};
      return store(std::move(list));
    }
    return true;
  }
  bool key(string_t& name) {
    if (depth_ > 1) return true;
    current_ = fields;
    for (std::size_t i = 0; i < fields; ++i)
      if (names[i] == name) current_ = i;
    if (current_ == fields) return true;
    if (present_[current_]) return fail("field " + in_quotes(name) + " appears twice");
    present_[current_] = true;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) {
    // nlohmann's text: "[json.exception...] parse error at line 1, column 7: what - more"; the line is always 1 here.
    std::string what = error.what();
    const std::size_t colon = what.find(": ");
    if (colon != std::string::npos) what = what.substr(colon + 2);
    for (char& c : what)
      if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    constexpr std::size_t most = 160;
    if (what.size() > most) what = what.substr(0, most) + "...";
    return fail("not JSON at byte " + std::to_string(position) + ": " + what);
  }

  tl::expected<line_operation, std::string> result(bool parsed) {
    if (!parsed) return tl::unexpected(error_.empty() ? "not JSON" : error_);
    for (const std::size_t needed : {client_field, call_field, return_field, op_field})
      if (!present_[needed])
        return tl::unexpected("field '" + std::string(names[needed]) + "' is missing" +
                              (needed == return_field ? " (null for a pending operation)" : ""));
    return std::move(made_);
  }

 private:
  [[nodiscard]] bool skipping() const { return depth_ > 0 && current_ == fields; }

  bool enter() {
    return ++depth_ <= deepest_nesting || fail("nested deeper than " + std::to_string(deepest_nesting) + " levels");
  }

  bool fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
    return false;
  }

  [[nodiscard]] std::string where() const { return depth_ == 0 ? "the line" : in_quotes(names[current_]); }

  bool scalar(field_value value) {
    if (depth_ == 0) return fail("a line must be one JSON object");
    if (skipping()) return true;
    if (depth_ == 1) return store(std::move(value));
    if (!value.is(field_value::kind::number))
      return fail(where() + " is a list with something else than whole numbers");
    constexpr std::size_t longest_list = 16;
    if (list_.size() == longest_list) return fail(where() + " is a list of more than " + std::to_string(longest_list));
    list_.push_back(value.number);
    return true;
  }

  bool store(field_value value) {
    switch (current_) {
      case client_field:
        return number(value, made_.client);
      case call_field:
        return number(value, made_.call);
      case return_field:
        if (value.is(field_value::kind::null)) return true;
        made_.returned = 0;
        return number(value, *made_.returned, " or null");
      case op_field:
        if (!value.is(field_value::kind::text)) return fail("'op' must be a string");
        made_.op = std::move(value.text);
        return true;
      case key_field:
        if (value.is(field_value::kind::null)) return true;
        if (!value.is(field_value::kind::text)) return fail("'key' must be a string or null");
        made_.key = std::move(value.text);
        return true;
      case input_field:
        made_.input = std::move(value);
        return true;
      case output_field:
        made_.output = std::move(value);
        return true;
      default:
        if (!value.is(field_value::kind::truth)) return fail("'unknown' must be true or false");
        made_.unknown = value.number == 1;
        return true;
    }
  }

  bool number(const field_value& value, std::int64_t& to, const char* more = "") {
    if (!value.is(field_value::kind::number)) return fail(where() + " must be a whole number" + more);
    to = value.number;
    return true;
  }

  line_operation made_;
  std::array<bool, fields> present_{};
  std::size_t current_ = fields;
  std::size_t depth_ = 0;
  std::vector<std::int64_t> list_;
  std::string error_;
};

}  // namespace

std::uint64_t line_operation::bytes() const noexcept {
  return sizeof(line_operation) + op.capacity() + (key ? key->capacity() : 0) + input.text.capacity() +
         output.text.capacity() + (input.list.capacity() + output.list.capacity()) * sizeof(std::int64_t);
}

tl::expected<line_operation, std::string> parse_history_line(std::string_view line, std::uint64_t number) {
  line_reader reader;
  const bool parsed = nlohmann::json::sax_parse(line.begin(), line.end(), &reader);
  auto result = reader.result(parsed);
  if (result) result->line = number;
  return result;
}

bool is_blank(std::string_view line) noexcept { return line.find_first_not_of(" \t\r\n") == std::string_view::npos; }

tl::expected<std::vector<line_operation>, input_error> parse_history(std::string_view text) {
  std::vector<line_operation> operations;
  for (std::uint64_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (is_blank(line)) continue;
    auto operation = parse_history_line(line, number);
    if (!operation) return tl::unexpected(input_error{number, operation.error()});
    operations.push_back(std::move(*operation));
  }
  return operations;
}

}  // namespace wavetank::lin

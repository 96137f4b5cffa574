#include <wavetank/impl/cache/kvc_error.h>

#include <array>
#include <cstddef>
#include <system_error>

namespace wavetank {

namespace {

constexpr std::array<std::string_view, 26> field_names{"file",
                                                       "magic",
                                                       "version",
                                                       "quant bits",
                                                       "save reason",
                                                       "reserved bytes",
                                                       "token count",
                                                       "payload byte count",
                                                       "payload offset",
                                                       "payload length",
                                                       "payload checksum",
                                                       "prompt",
                                                       "TLV section",
                                                       "TLV",
                                                       "fingerprint",
                                                       "fingerprint mode",
                                                       "quant",
                                                       "hash of the context parameters",
                                                       "token count in the TLVs",
                                                       "token ids",
                                                       "hostname",
                                                       "library version",
                                                       "save reason detail",
                                                       "head checksum",
                                                       "payload",
                                                       "key"};
static_assert(field_names.size() == static_cast<std::size_t>(kvc_field::key) + 1);

}  // namespace

std::string_view to_string(kvc_field field) noexcept {
  const auto number = static_cast<std::size_t>(field);
  return number < field_names.size() ? field_names[number] : "unknown";
}

std::string_view to_string(kvc_problem problem) noexcept {
  switch (problem) {
    case kvc_problem::truncated:
      return "truncated";
    case kvc_problem::bad_value:
      return "bad value";
    case kvc_problem::mismatch:
      return "mismatch";
    case kvc_problem::duplicate:
      return "duplicate";
    case kvc_problem::missing:
      return "missing";
    case kvc_problem::checksum:
      return "wrong checksum";
    case kvc_problem::too_large:
      return "too large";
    case kvc_problem::unreadable:
      return "unreadable";
    case kvc_problem::not_a_file:
      return "not a file";
  }
  return "unknown";
}

std::string describe(const kvc_error& error) {
  std::string text{to_string(error.field)};
  text += " at byte " + std::to_string(error.offset) + ": " + std::string{to_string(error.problem)};
  const std::string found = std::to_string(error.found);
  const std::string wanted = std::to_string(error.wanted);
  switch (error.problem) {
    case kvc_problem::truncated:
      return text + ": " + wanted + " bytes are needed and " + found + " are there";
    case kvc_problem::bad_value:
      return text + ": " + found;
    case kvc_problem::mismatch:
      if (error.field == kvc_field::key) return text + ": the file's fields give another key than its name says";
      return text + ": " + found + ", must be " + wanted;
    case kvc_problem::checksum:
      return text + ": the bytes give " + found + ", the file says " + wanted;
    case kvc_problem::too_large:
      return text + ": " + found + ", at most " + wanted;
    case kvc_problem::unreadable:
      return text + ": " + std::generic_category().message(static_cast<int>(error.found)) + " (errno " + found + ")";
    case kvc_problem::duplicate:
    case kvc_problem::missing:
    case kvc_problem::not_a_file:
      break;
  }
  return text;
}

}  // namespace wavetank

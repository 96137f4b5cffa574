#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

std::string_view to_string(criterion value) noexcept {
  switch (value) {
    case criterion::strict:
      return "strict";
    case criterion::recoverable:
      return "recoverable";
    case criterion::durable:
      return "durable";
  }
  return "?";
}

std::string_view to_string(outcome value) noexcept {
  switch (value) {
    case outcome::linearizable:
      return "linearizable";
    case outcome::not_linearizable:
      return "not linearizable";
    case outcome::undecided:
      return "undecided";
  }
  return "?";
}

std::string_view to_string(limit_reached value) noexcept {
  switch (value) {
    case limit_reached::none:
      return "none";
    case limit_reached::configurations:
      return "configurations";
    case limit_reached::memory:
      return "memory";
    case limit_reached::time:
      return "time";
  }
  return "?";
}

}  // namespace wavetank::lin

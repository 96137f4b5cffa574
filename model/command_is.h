// Asking a model's command, a variant, which one it is.
#pragma once

#include <variant>

namespace wavetank::model {

/// The command as a `Command`, or nullptr.
template <class Command, class... All>
const Command* as(const std::variant<All...>& what) {
  return std::get_if<Command>(&what);
}

template <class Command, class... All>
bool is(const std::variant<All...>& what) {
  return std::holds_alternative<Command>(what);
}

}  // namespace wavetank::model

// The models that can be checked by name, each in the scope that it is made for and in any other that one asks for.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <wavetank/model/checker/report.h>

namespace wavetank::model {

/// One number that limits a scope. Switches are 0 or 1.
struct scope_bound {
  std::string name;
  std::string meaning;
  std::uint64_t least;
  std::uint64_t most;
  std::uint64_t usual;
};

/// A value for each bound of a model, by name.
using scope_bounds = std::map<std::string, std::uint64_t>;

/// A model with its properties, ready to be checked.
struct checkable_model {
  std::string name;
  std::string summary;
  std::vector<scope_bound> bounds;
  std::function<check_report(const scope_bounds&, const check_budget&)> check;
};

/// All of them, in the order in which they are listed.
const std::vector<checkable_model>& checkable_models();

/// The model of this name, or nullptr.
const checkable_model* find_checkable_model(std::string_view name);

/// The usual bounds of `model`.
scope_bounds usual_bounds(const checkable_model& model);

/// Applies a setting "name=value" to `bounds`. What is wrong with it, in one line, or empty.
std::optional<std::string> set_bound(const checkable_model& model, scope_bounds& bounds, std::string_view setting);

/// The scope on one line: "tasks=3 calls=3 …", in the model's order.
std::string to_text(const checkable_model& model, const scope_bounds& bounds);

}  // namespace wavetank::model

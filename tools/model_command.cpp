#include <wavetank/tools/model_command.h>

#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <wavetank/model/checker/catalogue.h>

namespace wavetank::tools {
namespace {

constexpr int good = 0;
constexpr int violation = 1;
constexpr int bad_input = 2;
constexpr int undecided = 3;

struct model_arguments {
  std::string name;
  std::vector<std::string> settings;
  std::uint64_t max_states = model::check_budget{}.states;
  std::uint64_t memory_mb = model::check_budget{}.memory_bytes >> 20U;
};

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

void print_catalogue(std::ostream& out) {
  for (const auto& one : model::checkable_models()) {
    out << one.name << "\n  " << one.summary << "\n";
    for (const auto& bound : one.bounds) {
      out << "  --bound " << padded(bound.name + "=" + std::to_string(bound.usual), 14) << bound.meaning << " ("
          << bound.least << " to " << bound.most << ")\n";
    }
  }
}

std::string names_of_models() {
  std::string names;
  for (const auto& one : model::checkable_models()) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

int refuse(const std::string& message) {
  std::cerr << "wavetank model: " << message << "\n";
  return bad_input;
}

int exit_code_of(model::check_verdict verdict) {
  switch (verdict) {
    case model::check_verdict::holds:
      return good;
    case model::check_verdict::violated:
      return violation;
    case model::check_verdict::undecided:
      return undecided;
  }
  return bad_input;
}

int run_model(const model_arguments& given) {
  if (given.name.empty()) {
    print_catalogue(std::cout);
    return good;
  }
  const auto* chosen = model::find_checkable_model(given.name);
  if (chosen == nullptr) return refuse("no model '" + given.name + "'; there are " + names_of_models());
  auto bounds = model::usual_bounds(*chosen);
  for (const auto& setting : given.settings) {
    if (const auto wrong = model::set_bound(*chosen, bounds, setting)) return refuse(*wrong);
  }
  std::cout << chosen->name << "  " << model::to_text(*chosen, bounds) << "\n" << std::flush;
  const auto report = chosen->check(bounds, {given.max_states, given.memory_mb << 20U});
  std::cout << model::to_text(report);
  return exit_code_of(report.verdict);
}

}  // namespace

void add_model_command(CLI::App& app, int& exit_code) {
  const auto given = std::make_shared<model_arguments>();
  auto* model = app.add_subcommand("model", "check a model exhaustively in a bounded scope");
  model->add_option("NAME", given->name, "the model; without it, all models and their bounds are listed");
  model->add_option("--bound", given->settings, "one bound of the scope, NAME=NUMBER; may be repeated")
      ->allow_extra_args(false);
  model->add_option("--states", given->max_states, "give up, undecided, after so many states")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{4'000'000'000}))
      ->capture_default_str();
  model->add_option("--memory", given->memory_mb, "give up, undecided, after so many MiB")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 20U))
      ->capture_default_str();
  model->callback([given, &exit_code] { exit_code = run_model(*given); });
}

}  // namespace wavetank::tools

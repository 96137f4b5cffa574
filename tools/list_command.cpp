#include <wavetank/tools/list_command.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/checker/catalogue.h>
#include <wavetank/props/catalogue.h>
#include <wavetank/tools/exit_codes.h>

namespace wavetank::tools {

namespace {

constexpr std::pair<const char*, const char*> strategies[]{
    {"mix", "random walks and PCT of depths 1, 2, 3 and 5 in turn; what verify takes for generated cases"},
    {"random", "a uniform choice at every decision"},
    {"pct(D)", "priorities with D-1 changes: finds a bug of depth D with a probability of at least 1/(n k^(D-1))"},
    {"exhaustive", "depth-first with sleep sets: proves a bounded scope; what verify takes for bounded properties"},
    {"exhaustive(plain)", "every interleaving, without reduction"},
};

void print_properties() {
  std::cout << "properties\n";
  for (const auto* p : props::catalogue()) {
    std::cout << "  " << p->name() << (p->bounded() ? "  [bounded]" : "") << "\n      " << p->summary() << "\n";
  }
}

void print_models() {
  std::cout << "\nmodels\n";
  for (const auto& m : model::checkable_models()) std::cout << "  " << m.name << "\n      " << m.summary << "\n";
}

void print_strategies() {
  std::cout << "\nstrategies\n";
  for (const auto& [name, summary] : strategies) std::cout << "  " << name << "\n      " << summary << "\n";
}

/// Mutants are patches of the source tree; an installed command has none.
void print_mutants(const std::filesystem::path& source) {
  std::vector<std::string> names;
  const auto root = source / "props" / "mutants";
  std::error_code error;
  for (auto at = std::filesystem::recursive_directory_iterator(root, error);
       !error && at != std::filesystem::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().extension() != ".patch") continue;
    names.push_back(at->path().lexically_relative(root).replace_extension().string());
  }
  if (names.empty()) return;
  std::sort(names.begin(), names.end());
  std::cout << "\nmutants in " << root.string() << "\n";
  for (const auto& name : names) std::cout << "  " << name << "\n";
}

}  // namespace

void add_list_command(CLI::App& app, int& exit_code) {
  const auto source = std::make_shared<std::string>(".");
  auto* list = app.add_subcommand("list", "the properties, models, strategies and mutants that there are");
  list->add_option("--source", *source, "the source tree whose mutants are listed")->capture_default_str();
  list->callback([source, &exit_code] {
    print_properties();
    print_models();
    print_strategies();
    print_mutants(*source);
    exit_code = exit_good;
  });
}

}  // namespace wavetank::tools

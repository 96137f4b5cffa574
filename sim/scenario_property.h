// A property made of one scenario: no generated commands, only schedules and faults.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include <wavetank/sim/property.h>

namespace wavetank::sim {

class scenario_property final : public property {
 public:
  scenario_property(std::string name, std::function<void(world&)> body, scenario budget = {})
      : name_(std::move(name)), case_(std::make_shared<one_case>(std::move(body))), budget_(budget) {}

  std::string name() const override { return name_; }
  std::string summary() const override { return "one scenario under many schedules"; }
  scenario budget() const override { return budget_; }
  std::shared_ptr<const test_case> generate(std::uint64_t, std::uint32_t) const override { return case_; }
  tl::expected<std::shared_ptr<const test_case>, std::string> parse(
      std::span<const std::string> commands) const override {
    if (!commands.empty()) return tl::unexpected(std::string("this property has no commands"));
    return case_;
  }
  bool bounded() const override { return true; }

 private:
  class one_case final : public test_case {
   public:
    explicit one_case(std::function<void(world&)> body) : body_(std::move(body)) {}
    void run(world& w) const override { body_(w); }

   private:
    std::function<void(world&)> body_;
  };

  std::string name_;
  std::shared_ptr<const test_case> case_;
  scenario budget_;
};

}  // namespace wavetank::sim

// Properties made of generated programs: the case, its text and its shrinking, around a way of running it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/props/program/generate.h>
#include <wavetank/props/program/program.h>
#include <wavetank/props/program/simplify.h>
#include <wavetank/sim/property.h>

namespace wavetank::props {

/// Everything that makes a property; `words` and `run` are shared by its cases and never change.
struct program_property_parts {
  std::string name;
  std::string summary;
  vocabulary words;
  std::function<void(sim::world&, const program&)> run;
  sim::scenario budget{};
  std::vector<std::string> must_reach{};
  std::vector<std::string> fixed_program{};  ///< a bounded scope: this case alone
  bool in_turn = false;                      ///< one call at a time: one schedule is as good as another
};

inline program_property_parts in_turn(program_property_parts parts) {
  parts.in_turn = true;
  return parts;
}

class program_property final : public sim::property {
 public:
  explicit program_property(program_property_parts parts)
      : parts_(std::make_shared<const program_property_parts>(std::move(parts))) {}

  std::string name() const override { return parts_->name; }
  std::string summary() const override { return parts_->summary; }
  sim::scenario budget() const override { return parts_->budget; }
  bool bounded() const override { return !parts_->fixed_program.empty(); }
  std::vector<std::string> must_reach() const override { return parts_->must_reach; }

  std::uint32_t schedules_per_case() const override {
    return parts_->in_turn ? 1 : sim::property::schedules_per_case();
  }

  std::shared_ptr<const sim::test_case> generate(std::uint64_t seed, std::uint32_t size) const override {
    if (bounded()) return fixed();
    return std::make_shared<one_case>(parts_, draw_program(parts_->words, seed, size));
  }

  tl::expected<std::shared_ptr<const sim::test_case>, std::string> parse(
      std::span<const std::string> commands) const override {
    auto read = parse_program(commands, parts_->words);
    if (!read) return tl::unexpected(std::move(read.error()));
    return std::make_shared<one_case>(parts_, std::move(*read));
  }

 private:
  std::shared_ptr<const sim::test_case> fixed() const {
    auto made = parse(parts_->fixed_program);
    if (!made) throw std::logic_error(parts_->name + ": its fixed program: " + made.error());
    return *std::move(made);
  }

  class one_case final : public sim::test_case {
   public:
    one_case(std::shared_ptr<const program_property_parts> of, program what)
        : parts_(std::move(of)), what_(std::move(what)) {}

    std::vector<std::string> commands() const override { return to_lines(what_, parts_->words); }
    void run(sim::world& w) const override { parts_->run(w, what_); }
    std::vector<std::shared_ptr<const sim::test_case>> simpler() const override {
      std::vector<std::shared_ptr<const sim::test_case>> all;
      for (auto& p : simpler_programs(what_, parts_->words)) {
        all.push_back(std::make_shared<one_case>(parts_, std::move(p)));
      }
      return all;
    }

   private:
    std::shared_ptr<const program_property_parts> parts_;
    program what_;
  };

  std::shared_ptr<const program_property_parts> parts_;
};

}  // namespace wavetank::props

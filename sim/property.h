// What a campaign explores: properties, and the cases that they generate.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include <wavetank/sim/scenario.h>
#include <wavetank/sim/world.h>

namespace wavetank::sim {

/// One concrete program to run in a world: a value, run many times under many schedules, by several threads side by
/// side in worlds of their own.
class test_case {
 public:
  virtual ~test_case() = default;

  /// The program, a command a line, as traces keep it.
  virtual std::vector<std::string> commands() const { return {}; }

  /// The scenario's body. Judges what happened and reports by `world.require`, `world.fail` or an exception.
  virtual void run(world& w) const = 0;

  /// Simpler programs, the boldest simplifications first.
  virtual std::vector<std::shared_ptr<const test_case>> simpler() const { return {}; }
};

class property {
 public:
  virtual ~property() = default;

  /// `component.aspect`, unique.
  virtual std::string name() const = 0;
  /// One sentence for `wavetank list`.
  virtual std::string summary() const = 0;
  /// The faults that it promises to survive: the most that an execution may draw.
  virtual scenario budget() const { return {}; }
  /// The case of a seed. `size` grows from 0 to 100 over a campaign.
  virtual std::shared_ptr<const test_case> generate(std::uint64_t seed, std::uint32_t size) const = 0;
  /// Schedules tried on each generated case, so that generating it costs little beside them; 1 where the schedule
  /// decides nothing.
  virtual std::uint32_t schedules_per_case() const { return 32; }
  /// The case with these commands, or what is wrong with them.
  virtual tl::expected<std::shared_ptr<const test_case>, std::string> parse(
      std::span<const std::string> commands) const = 0;
  /// A bounded scope: one case, meant for exhaustive search.
  virtual bool bounded() const { return false; }
  /// What a campaign of some length must reach; one that does not fails.
  virtual std::vector<std::string> must_reach() const { return {}; }
};

}  // namespace wavetank::sim

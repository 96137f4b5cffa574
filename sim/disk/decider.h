// Who decides what the disk leaves open: whether a fault strikes, what a failed sync loses, what a power loss keeps.
#pragma once

#include <cstdint>
#include <string_view>

namespace wavetank::sim::disk {

/// The seam between the disk, which knows nothing of strategies, and the world's stream of decisions.
class decider {
 public:
  virtual ~decider() = default;
  /// An index below `alternatives`, which is at least 2. 0 is always the calmest: no fault, nothing lost. Labels are
  /// string literals.
  virtual std::uint32_t choose(std::uint32_t alternatives, std::string_view label) = 0;
  /// The same where anything but 0 is a fault, so that a random answer can make it as rare as faults are.
  virtual std::uint32_t strike(std::uint32_t alternatives, std::string_view label) {
    return choose(alternatives, label);
  }
};

/// A world in which nothing goes wrong.
class calm_decider final : public decider {
 public:
  std::uint32_t choose(std::uint32_t, std::string_view) override { return 0; }
};

}  // namespace wavetank::sim::disk

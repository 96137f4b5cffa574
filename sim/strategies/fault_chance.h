// When a randomized strategy lets a fault happen: each execution draws, for each kind of fault, whether it is on at all
// and at what rate; then it fires by chance within the scenario's budget.
//
// Rates drawn once an execution reach both "one fault, late" and "many, early", which a constant rate does not; a kind
// that is off in many executions cannot hide what it would mask (swarm testing, Groce et al., ISSTA'12).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <wavetank/sim/random.h>
#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

class fault_chance {
 public:
  void begin(std::uint64_t seed) noexcept {
    seed_ = seed;
    drawn_ = false;
  }

  /// A fault that happens now, or none. Where no task can run it is always one.
  std::optional<transition> draw(const scheduling_point& point) {
    if (!drawn_) draw_rates();
    point.faults->list_faults(possible_);
    if (possible_.empty()) return std::nullopt;
    if (point.enabled_count == 0) return when_nothing_runs();
    const transition t = possible_[generator_.below(static_cast<std::uint32_t>(possible_.size()))];
    const std::uint32_t one_in = one_in_[static_cast<std::size_t>(t.kind())];
    if (one_in != 0 && generator_.chance(1, one_in)) return t;
    return std::nullopt;
  }

  /// The same for a fault that a task's own call asks for. The label is the site: each has a rate of its own.
  std::uint32_t draw(const value_point& point) {
    if (!drawn_) draw_rates();
    const std::uint64_t site = mix(seed_ ^ hash_of(point.label));
    const bool off = (site & 3u) == 0;
    const std::uint32_t one_in = 2u << (site >> 2) % 6;
    if (off || !generator_.chance(1, one_in)) return 0;
    return 1 + generator_.below(point.alternatives - 1);
  }

 private:
  static std::uint64_t hash_of(std::string_view label) noexcept {
    std::uint64_t hash = 0;
    for (const char c : label) hash = mix(hash ^ static_cast<unsigned char>(c));
    return hash;
  }

  void draw_rates() {
    drawn_ = true;
    generator_ = generator{substream(seed_, "faults")};
    // One decision in `one_in_` at which the fault is possible; 0: never in this execution.
    for (auto& one_in : one_in_) one_in = generator_.chance(1, 4) ? 0 : 2u << generator_.below(6);
  }

  /// Timers come first in the list; the other faults stay rare although time stands still.
  transition when_nothing_runs() {
    std::uint32_t timers = 0;
    while (timers < possible_.size() && possible_[timers].kind() == transition::what::fire_timer) ++timers;
    if (timers < possible_.size() && (timers == 0 || generator_.chance(1, 8))) {
      return possible_[timers + generator_.below(static_cast<std::uint32_t>(possible_.size()) - timers)];
    }
    return possible_[generator_.below(timers)];
  }

  std::uint64_t seed_ = 0;
  bool drawn_ = false;  // most executions have no fault to draw: seeding waits for the first
  generator generator_{0};
  std::array<std::uint32_t, 4> one_in_{};
  std::vector<transition> possible_;
};

}  // namespace wavetank::sim

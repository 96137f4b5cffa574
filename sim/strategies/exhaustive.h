// Exhaustive depth-first search with sleep sets (Godefroid, "Partial-order methods for the verification of concurrent
// systems", LNCS 1032, 1996, section 5).
//
// Guarantee: when `exhausted()`, every Mazurkiewicz trace of the program within the scenario's fault budgets was run to
// its end; none is missed, since sleep sets alone prune only transitions whose every continuation has been explored
// from an equivalent state. Each trace is completed once; executions that a sleep set found redundant midway are run on
// to their end and counted apart. With `reduction::none` every interleaving is run once, as combinatorics counts them.
//
// Departure: inner decisions (which waiter is notified) belong to the transition that asks them, so a transition falls
// asleep only when all its inner alternatives have been explored.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

enum class reduction { none, sleep_sets };

class exhaustive final : public strategy {
 public:
  explicit exhaustive(reduction r = reduction::sleep_sets) : reduction_(r) {}

  std::string name() const override { return reduction_ == reduction::none ? "exhaustive(plain)" : "exhaustive"; }

  bool begin(std::uint64_t seed) override;
  transition schedule(const scheduling_point& point) override;
  std::uint32_t choose(const value_point& point) override;
  void end(std::uint64_t steps, std::uint32_t tasks) override;
  bool follows_every_step() const override { return reduction_ != reduction::none; }

  /// Nothing is left to explore.
  bool exhausted() const noexcept { return exhausted_; }
  /// Executions that are the first of their trace.
  std::uint64_t complete() const noexcept { return complete_; }
  /// Executions that repeat a trace, found out midway.
  std::uint64_t redundant() const noexcept { return redundant_; }

 private:
  struct sleeper {
    transition what;
    operation op;
  };
  struct node {
    bool is_value = false;
    // schedule: the alternatives in the order in which they are tried
    std::vector<sleeper> alternatives;
    std::vector<sleeper> asleep;  // on arrival; grows by each explored alternative
    std::size_t chosen = 0;
    // value
    std::uint32_t value = 0;
    std::uint32_t values = 0;
  };

  static bool depends(const sleeper& a, const sleeper& b) noexcept {
    return a.what.task() == b.what.task() || dependent(a.op, b.op);
  }
  static bool is_asleep(const std::vector<sleeper>& asleep, transition t) noexcept;
  static bool advance(node& n);
  void step_taken(const sleeper& s);

  reduction reduction_;
  std::vector<node> path_;       // entries beyond size_ keep their memory
  std::size_t size_ = 0;         // nodes of the current execution that are decided
  std::size_t depth_ = 0;        // how far the current execution has come along them
  std::size_t frontier_ = 0;     // one past the last schedule node of the replayed prefix
  std::vector<sleeper> asleep_;  // at the current state, beyond the frontier
  std::vector<transition> faults_;
  bool redundant_now_ = false;
  bool started_ = false;
  bool exhausted_ = false;
  std::uint64_t complete_ = 0;
  std::uint64_t redundant_ = 0;
};

}  // namespace wavetank::sim

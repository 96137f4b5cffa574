// Wraps a strategy and keeps every decision with its label, for traces. Used when a failure is run again, not while
// exploring.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

/// Names a decision by what happens there instead of by its position, so that a replay survives unrelated edits: the
/// task that asked, what it was about to do, to which object, for the how-manieth time.
struct decision_label {
  std::string task;
  std::string operation;
  std::string object;
  std::uint32_t nth = 0;

  friend auto operator<=>(const decision_label&, const decision_label&) = default;
};

/// `task/operation/object/nth`; the parts hold no slash or space.
std::string to_string(const decision_label& label);

/// A decision as traces keep it. For a schedule the choice names its task and says what happens to it.
struct labelled_decision {
  decision_kind kind = decision_kind::schedule;
  bool calm = true;          // what "carry on" would have chosen
  std::uint16_t choice = 0;  // the code of the transition, or the index
  std::uint16_t alternatives = 0;
  std::string chosen_task;
  decision_label label;
  std::uint64_t hash = 0;  // of the execution before it

  friend bool operator==(const labelled_decision&, const labelled_decision&) = default;
};

/// Counts the decisions of each label. The world's names for tasks and objects make the parts.
class label_counter {
 public:
  void clear() { seen_.clear(); }
  decision_label at(const scheduling_point& point);
  decision_label at(const value_point& point);

 private:
  decision_label count(std::string task, std::string operation, std::string object);
  std::map<std::tuple<std::string, std::string, std::string>, std::uint32_t> seen_;
};

class recording final : public strategy {
 public:
  explicit recording(strategy& inner) : inner_(inner) {}

  std::string name() const override { return inner_.name(); }
  bool begin(std::uint64_t seed) override;
  transition schedule(const scheduling_point& point) override;
  std::uint32_t choose(const value_point& point) override;
  void end(std::uint64_t steps, std::uint32_t tasks) override { inner_.end(steps, tasks); }
  bool follows_every_step() const override { return inner_.follows_every_step(); }

  std::vector<labelled_decision> take() { return std::move(decisions_); }

 private:
  strategy& inner_;
  label_counter labels_;
  std::vector<labelled_decision> decisions_;
};

}  // namespace wavetank::sim

// Answers from a record.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <wavetank/sim/strategies/recording.h>
#include <wavetank/sim/strategy.h>

namespace wavetank::sim {

/// Repeats an execution of this very program from its bare decisions.
class repeat final : public strategy {
 public:
  explicit repeat(std::span<const decision> decisions) : decisions_(decisions.begin(), decisions.end()) {}

  std::string name() const override { return "repeat"; }
  bool begin(std::uint64_t) override {
    next_ = 0;
    return true;
  }
  transition schedule(const scheduling_point& point) override;
  std::uint32_t choose(const value_point& point) override;
  void end(std::uint64_t, std::uint32_t) override {}

 private:
  decision_list decisions_;
  std::size_t next_ = 0;
};

/// Replays a trace strictly: the first decision whose kind, number of alternatives, label or history (hash) differs
/// from the trace ends the execution with the verdict `diverged` and says which one it was.
class strict_replay final : public strategy {
 public:
  /// One recorded decision; calm runs are expanded, and then known by kind alone.
  struct expected {
    labelled_decision decision;
    bool label_known = true;
    bool hash_known = true;
    std::size_t line = 0;  // in the trace's file
  };
  explicit strict_replay(std::vector<expected> decisions) : decisions_(std::move(decisions)) {}

  std::string name() const override { return "replay"; }
  bool begin(std::uint64_t) override {
    next_ = 0;
    diverged_ = false;
    labels_.clear();
    return true;
  }
  transition schedule(const scheduling_point& point) override;
  std::uint32_t choose(const value_point& point) override;
  void end(std::uint64_t, std::uint32_t) override {}

  /// Whether all of the record was used.
  bool complete() const noexcept { return next_ == decisions_.size(); }

 private:
  const expected* next(decision_kind kind, std::uint32_t alternatives, const decision_label& label, std::uint64_t hash);
  void diverge(std::string message);

  std::vector<expected> decisions_;
  std::size_t next_ = 0;
  bool diverged_ = false;
  label_counter labels_;
};

/// Replays the uncalm decisions of a trace wherever their labels come up, and is calm elsewhere: survives unrelated
/// edits of the program, and lets a shrinker leave decisions out.
class tolerant_replay final : public strategy {
 public:
  explicit tolerant_replay(const std::vector<labelled_decision>& decisions);

  std::string name() const override { return "tolerant"; }
  bool begin(std::uint64_t) override;
  transition schedule(const scheduling_point& point) override;
  std::uint32_t choose(const value_point& point) override;
  void end(std::uint64_t, std::uint32_t) override {}

 private:
  std::map<decision_label, labelled_decision> wanted_;
  label_counter labels_;
};

}  // namespace wavetank::sim

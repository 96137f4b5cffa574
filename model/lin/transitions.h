// The model as the search sees it: states and labels are numbers, a step is a table look-up.
//
// The search runs millions of times the code that a model runs once: each distinct state is kept once (interned) and
// each (state, label) is asked of the model once, while the table is small enough. The table is the only part of the
// checker that is compiled for each model; one virtual call separates it from the search, on a miss.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <wavetank/model/lin/timeline.h>

namespace wavetank::lin {

using state_id = std::uint32_t;

class transitions {
 public:
  virtual ~transitions() = default;
  transitions(const transitions&) = delete;
  transitions& operator=(const transitions&) = delete;

  static constexpr state_id initial = 0;

  /// True if the model allows this label in this state.
  [[nodiscard]] bool legal(state_id state, label_id label) { return entry(state, label) != nothing; }

  /// Calls `f(next)` for each state that the label may lead to, each once. `f` must not come back here.
  template <class F>
  void each(state_id state, label_id label, F&& f) {
    const std::uint32_t cell = entry(state, label);
    if (cell == nothing) return;
    if ((cell & many) == 0) {
      f(static_cast<state_id>(cell - first_state));
      return;
    }
    const std::uint32_t begin = cell & ~many;
    for (std::uint32_t i = begin + 1; i <= begin + lists_[begin]; ++i) f(lists_[i]);
  }

  /// Bytes of states and table, as counted.
  [[nodiscard]] std::uint64_t bytes() const noexcept {
    return cells_.capacity() * sizeof(std::uint32_t) + lists_.capacity() * sizeof(std::uint32_t) + barren_.capacity() +
           state_bytes();
  }

  /// Whether the model looks ahead, and if so, whether this state can satisfy no demand without a renewal.
  [[nodiscard]] bool looks_ahead() const noexcept { return looks_ahead_; }
  [[nodiscard]] bool barren(state_id state) {
    if (state >= barren_.size()) barren_.resize(state_count(), not_known);
    if (barren_[state] == not_known) barren_[state] = is_barren(state) ? 1 : 0;
    return barren_[state] == 1;
  }

  // For reports.
  [[nodiscard]] virtual std::string describe_state(state_id state) const = 0;
  [[nodiscard]] virtual std::string describe_label(label_id label) const = 0;
  /// What the model would have answered to the label's command in this state; empty if the command is disabled there.
  [[nodiscard]] virtual std::vector<std::string> allowed_answers(state_id state, label_id label) const = 0;

 protected:
  explicit transitions(std::uint32_t labels) : labels_(labels), remembers_(labels <= most_remembered_labels) {}

  /// The successors by the model, duplicates allowed; interns new states.
  virtual void compute(state_id state, label_id label, std::vector<state_id>& next) = 0;
  [[nodiscard]] virtual bool is_barren(state_id state) const = 0;
  void set_looks_ahead() { looks_ahead_ = true; }
  [[nodiscard]] virtual std::uint64_t state_bytes() const noexcept = 0;
  [[nodiscard]] virtual std::uint32_t state_count() const noexcept = 0;
  void set_labels(std::uint32_t labels) {
    labels_ = labels;
    remembers_ = labels <= most_remembered_labels;
  }

 private:
  // A row of the table is as long as there are labels: beyond these sizes a row costs more than asking again.
  static constexpr std::uint32_t most_remembered_labels = 1024;
  static constexpr std::uint64_t most_remembered_cells = std::uint64_t{1} << 24;

  // Cells: not asked yet, no successor, one successor (its number + 2), or the place of a list (high bit).
  static constexpr std::uint32_t not_asked = 0;
  static constexpr std::uint32_t nothing = 1;
  static constexpr std::uint32_t first_state = 2;
  static constexpr std::uint32_t many = 0x80000000U;

  std::uint32_t entry(state_id state, label_id label) {
    const std::uint64_t place = static_cast<std::uint64_t>(state) * labels_ + label;
    if (place < cells_.size() && cells_[place] != not_asked) return cells_[place];
    return ask(state, label, place);
  }

  std::uint32_t ask(state_id state, label_id label, std::uint64_t place);
  std::uint32_t encode(bool keep);

  static constexpr std::uint8_t not_known = 2;

  std::uint32_t labels_;
  bool remembers_;
  bool looks_ahead_ = false;
  std::vector<std::uint8_t> barren_;  ///< by state: 0, 1 or `not_known`
  std::vector<std::uint32_t> cells_;
  std::vector<std::uint32_t> lists_;  ///< each: length, then states; what lies beyond `kept_` is the last answer only
  std::size_t kept_ = 0;
  std::vector<state_id> scratch_;
};

}  // namespace wavetank::lin

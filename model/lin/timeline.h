// The history as the search walks it: one step for each event that can force something, and the operations open there.
//
// Each operation takes a slot at its call and frees it at its end, so the set of open operations that have been
// linearized is a mask of `width()` bits (the largest overlap), however long the history is. Optional operations
// (pending ones) have no return that forces them: those with a deadline (a crash) expire in a step, the others stay
// open for ever.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

using label_id = std::uint32_t;  ///< operations of equal label are interchangeable: same command, same recorded answer

/// When an operation's effect must have happened at the latest.
enum class ending : std::uint8_t {
  at,      ///< at `end`, which still overlaps a call at that instant
  before,  ///< strictly before `end`
  never,   ///< no deadline
};

/// One operation as the search sees it.
struct search_op {
  op_id id = no_op;
  label_id label = 0;
  instant call = 0;
  instant end = 0;
  ending deadline = ending::never;
  bool required = false;  ///< it has taken effect by its end; otherwise it may never take effect
  bool observer = false;  ///< it changes no state
  bool demands = false;   ///< no barren state allows it (refinements.h)
  bool renews = false;    ///< it may lead out of barren states
};

class timeline {
 public:
  /// Where the search has to decide: the end of an operation. `op` and all other `op`s here are indices into `ops()`.
  struct step {
    std::uint32_t op;
    std::uint32_t slot;
    bool required;  ///< false: the operation expires here, taken or not
  };

  /// `ops()` is in the order of calls. Optional observers are dropped: taken or not, they change nothing. Events after
  /// the last required end are dropped, they force nothing. O(n log n + n * overlap).
  explicit timeline(std::vector<search_op> operations);

  [[nodiscard]] const std::vector<search_op>& ops() const noexcept { return ops_; }
  [[nodiscard]] std::uint32_t steps() const noexcept { return static_cast<std::uint32_t>(steps_.size()); }
  [[nodiscard]] const step& at(std::uint32_t k) const noexcept { return steps_[k]; }
  [[nodiscard]] std::uint32_t slot(std::uint32_t op) const noexcept { return slots_[op]; }
  /// The step in which an operation ends; past all steps if none.
  [[nodiscard]] std::uint32_t end_step(std::uint32_t op) const noexcept { return end_steps_[op]; }
  /// Slots that a mask needs.
  [[nodiscard]] std::uint32_t width() const noexcept { return width_; }
  /// A slot for the note that the optional operation which expires at the current step is to be spent. Only where
  /// something expires.
  [[nodiscard]] std::uint32_t promise_slot() const noexcept { return promise_slot_; }
  [[nodiscard]] std::uint32_t labels() const noexcept { return labels_; }

  /// Open at step k, state-changing, with an end: in the order of their ends.
  [[nodiscard]] std::span<const std::uint32_t> ending_at(std::uint32_t k) const noexcept {
    return {ending_.data() + ending_begin_[k], ending_begin_[k + 1] - ending_begin_[k]};
  }
  /// Open at step k, state-changing, without an end: in the order of their calls.
  [[nodiscard]] std::span<const std::uint32_t> endless_at(std::uint32_t k) const noexcept {
    return {endless_.data(), endless_count_[k]};
  }
  /// Operations called after step k - 1 and before step k.
  [[nodiscard]] std::span<const std::uint32_t> called_before(std::uint32_t k) const noexcept {
    return {called_.data() + called_begin_[k], called_begin_[k + 1] - called_begin_[k]};
  }
  /// All operations open at step k, observers too, in the order of their calls. O(operations); for reports.
  [[nodiscard]] std::vector<std::uint32_t> open_at(std::uint32_t k) const;
  [[nodiscard]] bool has_optional() const noexcept { return has_optional_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept;

 private:
  std::vector<search_op> ops_;  ///< in the order of their calls
  std::vector<step> steps_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> end_steps_;
  std::vector<std::uint32_t> ending_;
  std::vector<std::size_t> ending_begin_;
  std::vector<std::uint32_t> endless_;
  std::vector<std::uint32_t> endless_count_;
  std::vector<std::uint32_t> called_;
  std::vector<std::size_t> called_begin_;
  std::uint32_t width_ = 0;
  std::uint32_t promise_slot_ = 0;
  bool has_optional_ = false;
  std::uint32_t labels_ = 0;
};

}  // namespace wavetank::lin

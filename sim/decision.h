// One idea: whatever is not determined is a decision.
//
// `decision = (kind, number of alternatives, label) -> index`. There is one stream of them; a strategy answers, a trace
// is the answers, replay answers from a trace, shrinking makes the answers fewer and calmer, exhaustive search
// enumerates them. 0 is the calmest answer, and for a schedule "carry on with the same task".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <wavetank/sim/operation.h>

namespace wavetank::sim {

enum class decision_kind : std::uint8_t {
  schedule,  // which transition is next
  notify,    // which waiter a notify_one wakes; 0 the oldest
  weak_cas,  // whether a weak compare-exchange that could succeed fails; 0 no
  fault,     // whether something goes wrong here, and what; 0 no. Rare, unlike the other kinds
  outcome,   // what the world makes of what went wrong, or leaves open
};

std::string_view to_string(decision_kind kind) noexcept;

/// A decision as it is kept while exploring: eight bytes, no allocation in steady state, no text. Labels are rebuilt
/// when the execution is run again from its decisions.
struct decision {
  std::uint16_t choice = 0;        // schedule: the code of the transition; else the index
  std::uint16_t alternatives = 0;  // how many there were, saturated
  task_index running = 0;          // who asked
  decision_kind kind = decision_kind::schedule;
  friend bool operator==(const decision&, const decision&) = default;
};

using decision_list = std::vector<decision>;

/// The decisions of the running execution: appended to by the million, and never freed between executions.
class decision_log {
 public:
  void clear() noexcept { next_ = kept_.data(); }
  void add(const decision& d) {
    if (next_ == end_) [[unlikely]]
      grow();
    *next_++ = d;
  }
  std::span<const decision> all() const noexcept {
    return {kept_.data(), static_cast<std::size_t>(next_ - kept_.data())};
  }

 private:
  void grow();

  decision_list kept_ = decision_list(4096);
  decision* next_ = kept_.data();
  decision* end_ = kept_.data() + kept_.size();
};

}  // namespace wavetank::sim

// The search for an order: windowed just-in-time linearization.
//
// A configuration is (step k, mask of open operations already linearized, state). Nothing is linearized before the
// return at step k forces it; then any open operation may go first, until the returning one has gone. Where an optional
// operation expires (a crash), the search chooses: it never takes effect, or the operations that go now end with it (a
// promise that is part of the configuration). (Wing & Gong 1993; just-in-time: Lowe 2017; the cache of configurations:
// Horn & Kroening 2015; the mask over open slots, instead of over all operations, is the windowed form). Four
// reductions, each of which keeps every reachable step reachable:
//
//   observers   an operation that changes no state goes as soon as it is legal, without a branch: whatever could follow
//               without it can follow with it.
//   symmetry    of open operations with equal label, one that ends later, and is not more bound to happen, does not go
//   first:
//               in any order that lets it, the two can change places.
//   dominance   of two configurations with the same state and the same required changes made, one with fewer optional
//               operations spent and more observers done can do all that the other can. (The second half goes beyond
//               Lowe's and Horn & Kroening's caches.)
//   look-ahead  a state from which a call still to come cannot be satisfied is left at once, where the model can tell
//               (refinements.h). Depth-first only: it moves the step where the search stops, so explanations do
//               without.
//   tables      states and transitions are numbers (transitions.h).
//
// Guarantee: a search without look-ahead that ends `exhausted` has seen, up to these, every configuration that any
// order reaches, so the deepest step it reports is the first return that no order passes: the minimal failing prefix.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <wavetank/model/lin/timeline.h>
#include <wavetank/model/lin/transitions.h>
#include <wavetank/model/lin/verdict.h>

namespace wavetank::lin {

enum class search_status : std::uint8_t { running, found, exhausted };

/// A reachable configuration, for reports.
struct reached {
  state_id state;
  std::vector<op_id> open_and_done;  ///< open operations already linearized
};

/// A search that can be paused. It holds references to timeline and transitions.
class search {
 public:
  virtual ~search() = default;

  /// Goes on for at most `configurations` new configurations.
  virtual search_status run(std::uint64_t configurations) = 0;
  [[nodiscard]] virtual std::uint64_t configurations() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;
  /// The furthest step that was reached; `timeline::steps()` when found.
  [[nodiscard]] virtual std::uint32_t deepest() const noexcept = 0;
  /// The operations in the order in which they reached it (empty for the breadth-first search, which keeps no paths).
  [[nodiscard]] virtual std::vector<op_id> order() const = 0;
};

/// Depth first with a visited set: finds orders fast. Keeps every configuration.
[[nodiscard]] std::unique_ptr<search> depth_first(const timeline& line, transitions& table, candidate_order order);

/// Breadth first by step: holds one layer, whatever the length of the history; the layer at its last step shows every
/// way to arrive there. Within a step it comes first to what spent the fewest optional operations, so dominance bites:
/// with many pending operations it can be the only search that ends.
class layered_search : public search {
 public:
  /// Distinct configurations in the layer where it ended.
  [[nodiscard]] virtual std::vector<reached> layer() const = 0;
};
[[nodiscard]] std::unique_ptr<layered_search> breadth_first(const timeline& line, transitions& table);

}  // namespace wavetank::lin

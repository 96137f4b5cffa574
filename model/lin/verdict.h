// What the linearizability checker is asked for and what it answers.
//
// Promise: `linearizable` comes with an order that proves it, `not_linearizable` with the event that no order can pass;
// when a limit ends the search first, the answer is `undecided`, never a guess. Limits in configurations and bytes are
// counted, not measured, so the same input gives the same answer everywhere; only `out_of_time` can make two runs
// differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank::lin {

/// A point of the history's own time. Only its order means anything.
using instant = std::int64_t;

/// An operation's identity: its position in the history.
using op_id = std::uint32_t;
inline constexpr op_id no_op = std::numeric_limits<op_id>::max();

/// What a crash means for an operation that was pending when it came. Each allows more than the one before it.
enum class criterion : std::uint8_t {
  strict,       ///< it takes effect before the crash or never (Aguilera & Frølund 2003)
  recoverable,  ///< it takes effect before the same client's first call after the crash or never (Berryhill et al.
                ///< 2015)
  durable,      ///< it may take effect at any later time (Izraelevitz et al. 2016, pending calls kept open)
};

enum class outcome : std::uint8_t { linearizable, not_linearizable, undecided };

/// Which limit ended an undecided search.
enum class limit_reached : std::uint8_t { none, configurations, memory, time };

[[nodiscard]] std::string_view to_string(criterion value) noexcept;
[[nodiscard]] std::string_view to_string(outcome value) noexcept;
[[nodiscard]] std::string_view to_string(limit_reached value) noexcept;

/// The order in which a depth-first search tries the open operations. Neither wins everywhere.
enum class candidate_order : std::uint8_t { by_return, by_call };

/// Which searches take part. `alternate` is the default and the only one that needs no knowledge of the history;
/// the others exist so that tests and benches can hold the parts against each other.
enum class strategy : std::uint8_t { alternate, depth_first_by_return, depth_first_by_call, breadth_first };

struct options {
  criterion crash_means = criterion::strict;
  strategy search = strategy::alternate;
  std::uint64_t limit_configurations = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t limit_bytes = std::uint64_t{1} << 30;
  /// Asked every 1024 configurations; true ends the search as undecided. The caller owns the clock.
  std::function<bool()> out_of_time = {};
  /// Debug mode: evaluate each observer claim of the model wherever the search meets it, and replay the order found.
  /// A broken claim throws `std::logic_error` naming command and state.
  bool check_claims = false;
};

/// The part of a history that was searched on its own: everything, or one key of a partitioned model.
struct partition_report {
  std::string key;  ///< empty when the model has no partitions
  outcome result = outcome::undecided;
  /// An order that obeys real time and the model: of all operations that took effect when linearizable, else the
  /// longest prefix that the search placed. Empty if memory allowed only the breadth-first search, which keeps no
  /// orders.
  std::vector<op_id> order;
  /// The operation whose return no order passes (not linearizable), or the deepest return that was reached
  /// (undecided); `no_op` when linearizable. A model that looks ahead may turn back before the first return that no
  /// order passes: explain.h finds that one.
  op_id stopped_at = no_op;
  instant stopped_when = 0;
};

struct verdict {
  outcome result = outcome::undecided;
  limit_reached limit = limit_reached::none;
  std::uint64_t configurations = 0;  ///< distinct configurations kept, over all searches
  std::uint64_t bytes = 0;           ///< largest number of bytes held at once, as counted
  std::vector<partition_report> partitions;
  /// Index in `partitions` of the one that decided: the failed one, or the first undecided one; 0 when linearizable.
  std::size_t decisive = 0;
};

}  // namespace wavetank::lin

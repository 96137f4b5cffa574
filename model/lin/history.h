// A concurrent history: who called what when, what came back when, and when the system crashed.
//
// Record it from a run (simulated or real) and hand it to `check` (check.h). Intervals are closed: an operation that
// returns at instant t overlaps one that is called at t. An operation that never returns is pending: it takes effect
// once at any time after its call, or never. Not thread-safe: in a simulation one world records, on real threads the
// caller merges.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <wavetank/model/lin/verdict.h>
#include <wavetank/model/state_machine.h>

namespace wavetank::lin {

/// Instants are below this one, at which the final state is looked at.
inline constexpr instant end_of_time = std::numeric_limits<instant>::max();

/// Why a history cannot be judged: `where` is the operation, or `no_op` for a crash mark, at position `crash`.
struct malformed_history {
  op_id where = no_op;
  std::size_t crash = 0;
  std::string what;
};

template <model::state_machine Model>
class history {
 public:
  using command = typename Model::command;
  using response = typename Model::response;

  struct operation {
    std::int64_t client = 0;
    instant call = 0;
    std::optional<instant> returned;  ///< none: pending
    command request;
    std::optional<response> answer;  ///< none: pending, or returned with an output that is not known
    bool stuck = false;              ///< the run ended with this call blocked: the final state must refuse it
  };

  /// `client` called at `at`. The operation is pending until told otherwise. Amortised O(1).
  op_id invoke(std::int64_t client, command request, instant at) {
    if (operations_.size() >= no_op) throw std::length_error("lin::history: too many operations");
    operations_.push_back({client, at, std::nullopt, std::move(request), std::nullopt, false});
    latest_ = std::max(latest_, at);
    return static_cast<op_id>(operations_.size() - 1);
  }

  /// As above, at the next instant after everything recorded so far.
  op_id invoke(std::int64_t client, command request) { return invoke(client, std::move(request), next_instant()); }

  void returns(op_id id, response answer, instant at) {
    operations_.at(id).answer = std::move(answer);
    close(id, at);
  }
  void returns(op_id id, response answer) { returns(id, std::move(answer), next_instant()); }

  /// It returned, so real time counts, but what it returned is not known: any response is acceptable.
  void returns_unknown(op_id id, instant at) { close(id, at); }
  void returns_unknown(op_id id) { returns_unknown(id, next_instant()); }

  /// The run ended quiet with this call blocked: it has not taken effect, and the final state has no step for it.
  void stuck(op_id id) { operations_.at(id).stuck = true; }

  /// The whole system crashed, strictly between all other instants.
  void crash(instant at) {
    crashes_.push_back(at);
    latest_ = std::max(latest_, at);
  }
  void crash() { crash(next_instant()); }

  [[nodiscard]] const std::vector<operation>& operations() const noexcept { return operations_; }
  [[nodiscard]] const std::vector<instant>& crashes() const noexcept { return crashes_; }

  /// The first thing that makes this no history: a return before its call, a stuck operation that returned, a crash at
  /// an instant where something else is, an operation that spans a crash and returned. O(n log n).
  [[nodiscard]] std::optional<malformed_history> malformed() const {
    std::vector<std::pair<instant, std::size_t>> crashes;
    for (std::size_t i = 0; i < crashes_.size(); ++i) crashes.emplace_back(crashes_[i], i);
    std::sort(crashes.begin(), crashes.end());
    for (std::size_t i = 1; i < crashes.size(); ++i)
      if (crashes[i].first == crashes[i - 1].first)
        return malformed_history{no_op, crashes[i].second,
                                 "two crashes at instant " + std::to_string(crashes[i].first)};
    const auto crash_from = [&](instant at) {
      return std::lower_bound(crashes.begin(), crashes.end(), std::pair<instant, std::size_t>{at, 0});
    };
    for (op_id id = 0; id < operations_.size(); ++id) {
      const operation& op = operations_[id];
      if (op.call >= end_of_time || op.returned.value_or(op.call) >= end_of_time)
        return malformed_history{id, 0, "has an instant that is too large"};
      if (op.returned && *op.returned < op.call)
        return malformed_history{
            id, 0, "returns at " + std::to_string(*op.returned) + ", before its call at " + std::to_string(op.call)};
      if (op.returned && op.stuck) return malformed_history{id, 0, "is marked stuck, but it returned"};
      const auto next = crash_from(op.call);
      if (next == crashes.end()) continue;
      if (next->first == op.call || (op.returned && next->first == *op.returned))
        return malformed_history{id, 0, "has an instant in common with the crash at " + std::to_string(next->first)};
      if (op.returned && next->first < *op.returned)
        return malformed_history{id, 0, "spans the crash at " + std::to_string(next->first) + " and returned"};
    }
    return std::nullopt;
  }

 private:
  instant next_instant() const {
    if (latest_ >= end_of_time - 1) throw std::length_error("lin::history: no instant is left");
    return operations_.empty() && crashes_.empty() ? 0 : latest_ + 1;
  }

  void close(op_id id, instant at) {
    operation& op = operations_.at(id);
    if (op.returned) throw std::logic_error("lin::history: operation " + std::to_string(id) + " returned twice");
    op.returned = at;
    latest_ = std::max(latest_, at);
  }

  std::vector<operation> operations_;
  std::vector<instant> crashes_;
  instant latest_ = std::numeric_limits<instant>::min();
};

}  // namespace wavetank::lin

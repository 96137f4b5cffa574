// What a log owes to whoever appended: kept by the harness, outside of every process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/sim/assertion.h>

namespace wavetank::props {

/// Batches as texts, each different. Between two visible operations of a simulated world everything here is one step.
class log_ledger {
 public:
  using batches = std::vector<std::string>;

  void attempt(const std::string& batch) { doubts_.push_back({batch, ++now_, {}, {}}); }
  /// It has its place: if it is replayed, then there.
  void written(const std::string& batch, std::uint64_t sequence) { at(batch).sequence = sequence; }
  /// It is durable at its place, and so is everything before it; what was of unknown outcome when it was attempted is
  /// void.
  void acknowledged(const std::string& batch, std::uint64_t sequence) {
    const doubt mine = at(batch);
    sim::require(mine.sequence == sequence, "a batch is acknowledged at another place than it was written to");
    promised_.resize(std::max<std::size_t>(promised_.size(), sequence));
    sim::require(promised_[sequence - 1].empty(), "two batches have the same place");
    promised_[sequence - 1] = batch;
    std::erase_if(doubts_, [&](const doubt& one) {
      return one.batch == batch || (one.unknown_since && *one.unknown_since < mine.attempted);
    });
  }
  void unknown(const std::string& batch) { at(batch).unknown_since = ++now_; }
  /// It is not there and never will be.
  void refused(const std::string& batch) {
    std::erase_if(doubts_, [&](const doubt& one) { return one.batch == batch; });
  }

  /// What a replay may give: all that was promised, each at its place, and in the other places what is in doubt.
  bool allows(const batches& found) const {
    if (found.size() < promised_.size()) return false;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const bool owed = i < promised_.size() && !promised_[i].empty();
      if (owed ? found[i] != promised_[i] : !in_doubt(found[i], i + 1)) return false;
      if (std::find(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(i), found[i]) !=
          found.begin() + static_cast<std::ptrdiff_t>(i)) {
        return false;
      }
    }
    return true;
  }
  /// What it may give where one bit rots: damage at the very end, in what no later header calls synced, looks like a
  /// torn tail.
  bool allows_with_rot(const batches& found, std::size_t in_flight) const {
    if (allows(found)) return true;
    const auto fits = [](const std::string& was, const std::string& owed) { return owed.empty() || was == owed; };
    return found.size() < promised_.size() && found.size() + in_flight >= promised_.size() &&
           std::equal(found.begin(), found.end(), promised_.begin(), fits);
  }

  /// A process has opened the log and seen these.
  void seen(batches found) {
    promised_ = std::move(found);
    doubts_.clear();
  }

  const batches& promised() const noexcept { return promised_; }
  /// The first places, as they were written, also where nobody has been told yet.
  batches first(std::uint64_t count) const {
    batches all{promised_.begin(), promised_.begin() + static_cast<std::ptrdiff_t>(count)};
    for (const doubt& one : doubts_) {
      if (one.sequence && *one.sequence <= count && all[*one.sequence - 1].empty()) all[*one.sequence - 1] = one.batch;
    }
    return all;
  }
  bool has_unknown() const {
    return std::any_of(doubts_.begin(), doubts_.end(), [](const doubt& one) { return one.unknown_since.has_value(); });
  }
  batches doubtful() const {
    batches all;
    for (const doubt& one : doubts_) all.push_back(one.batch);
    return all;
  }

 private:
  /// A batch that nobody was told of, or that it is unknown.
  struct doubt {
    std::string batch;
    std::uint64_t attempted;
    std::optional<std::uint64_t> sequence;
    std::optional<std::uint64_t> unknown_since;
  };

  doubt& at(const std::string& batch) {
    return *std::find_if(doubts_.begin(), doubts_.end(), [&](const doubt& one) { return one.batch == batch; });
  }
  bool in_doubt(const std::string& batch, std::uint64_t sequence) const {
    return std::any_of(doubts_.begin(), doubts_.end(), [&](const doubt& one) {
      return one.batch == batch && one.sequence.value_or(sequence) == sequence;
    });
  }

  batches promised_;  ///< by place; empty where another batch at a later place was acknowledged first
  std::vector<doubt> doubts_;
  std::uint64_t now_ = 0;
};

}  // namespace wavetank::props

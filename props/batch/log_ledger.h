// What a log owes to whoever appended: kept by the harness, outside of every process.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wavetank::props {

/// Batches as texts, each different. Between two visible operations of a simulated world everything here is one step.
class log_ledger {
 public:
  using batches = std::vector<std::string>;

  void attempt(const std::string& batch) { doubtful_.push_back(batch); }
  /// The batch attempted last is durable; others whose outcome was not known are void.
  void acknowledged() {
    promised_.push_back(doubtful_.back());
    doubtful_.clear();
  }
  /// The batch attempted last is not there.
  void refused() { doubtful_.pop_back(); }

  /// What a replay may give: all that was promised, in order, and at most one batch in doubt after it.
  bool allows(const batches& found) const {
    if (found.size() < promised_.size() || found.size() > promised_.size() + 1) return false;
    if (!std::equal(promised_.begin(), promised_.end(), found.begin())) return false;
    return found.size() == promised_.size() || in_doubt(found.back());
  }
  /// What it may give where one bit rots: damage at the very end looks like a torn tail.
  bool allows_with_rot(const batches& found) const {
    if (allows(found)) return true;
    return found.size() + 1 == promised_.size() && std::equal(found.begin(), found.end(), promised_.begin());
  }

  /// A process has opened the log and seen these.
  void seen(batches found) {
    promised_ = std::move(found);
    doubtful_.clear();
  }

  const batches& promised() const noexcept { return promised_; }
  const batches& doubtful() const noexcept { return doubtful_; }

 private:
  bool in_doubt(const std::string& batch) const {
    return std::find(doubtful_.begin(), doubtful_.end(), batch) != doubtful_.end();
  }

  batches promised_;
  batches doubtful_;
};

}  // namespace wavetank::props

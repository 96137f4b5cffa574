// What a cache owes to whoever saved something: kept by the harness, outside of every process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace wavetank::props {

/// Keys and payloads by number. Between two visible operations of a simulated world everything here is one step.
class durability_ledger {
 public:
  using payload = std::vector<std::byte>;

  /// Before a save; the answer belongs to its acknowledgement.
  std::uint64_t attempt(std::uint64_t key, payload bytes) {
    entry& e = entries_[key];
    e.attempted.insert(std::move(bytes));
    return e.removals;
  }
  /// The cache said that the key is there. Counts unless a removal came or went meanwhile.
  void acknowledge(std::uint64_t key, std::uint64_t removals_before) {
    entry& e = entries_[key];
    if (e.removals == removals_before && e.removing == 0) e.owed = true;
  }

  /// Changes whenever a removal comes or goes.
  std::uint64_t removals(std::uint64_t key) { return entries_[key].removals; }

  /// Around whatever may remove the key.
  void removal_begins(std::uint64_t key) {
    entry& e = entries_[key];
    e.owed = false;
    ++e.removals;
    ++e.removing;
  }
  void removal_ends(std::uint64_t key) {
    entry& e = entries_[key];
    ++e.removals;
    --e.removing;
  }
  /// Whoever was removing is dead.
  void everybody_died() {
    for (auto& [key, e] : entries_) e.removing = 0;
  }

  bool owes(std::uint64_t key) const {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.owed;
  }
  /// Whether somebody ever tried to save these bytes under the key.
  bool may_hold(std::uint64_t key, const payload& bytes) const {
    const auto found = entries_.find(key);
    return found != entries_.end() && found->second.attempted.contains(bytes);
  }

 private:
  struct entry {
    std::set<payload> attempted;
    bool owed = false;
    std::uint64_t removals = 0;
    std::uint32_t removing = 0;
  };
  std::map<std::uint64_t, entry> entries_;
};

}  // namespace wavetank::props

// A backend in memory that fails when told: a map of keys, and a log of what was committed, for judges.
//
// The result of a write is what it replaced, so that it depends on the order of commits and on nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/props/running.h>
#include <wavetank/sim/assertion.h>
#include <wavetank/sim/runtime.h>

namespace wavetank::props {

/// Names itself by a number that no other command has.
struct recorded_write {
  std::uint64_t number = 0;
  std::uint32_t key = 0;
  bool erases = false;
  bool poison = false;  ///< the backend rejects every batch that has it
  std::uint64_t bytes = 1;
};

class recorded_backend {
 public:
  using command = recorded_write;
  using result = std::uint64_t;  ///< the number of the write that this one replaced; 0: none

  /// Which commits fail, by their number from 1, and whether the outcome is then unknown.
  std::map<std::uint64_t, commit_error::kind> failures;
  bool names_offenders = true;
  std::chrono::nanoseconds takes{std::chrono::milliseconds(2)};
  std::uint64_t most_items = ~std::uint64_t{0};
  std::uint64_t most_work = ~std::uint64_t{0};

  tl::expected<std::vector<result>, commit_error> commit(shard_number, std::span<const command> batch) {
    const std::uint64_t mine = next_commit(batch);
    if (auto rejected = rejection(batch)) return tl::make_unexpected(std::move(*rejected));
    sim::runtime::point("commit begins");
    note_submitted(batch);
    if (takes.count() != 0) sim::runtime{}.sleep_until(clock_now() + takes);
    const auto failure = failure_of(mine);
    if (failure == commit_error::kind::failed) return tl::make_unexpected(told_to(*failure));
    auto results = apply(batch);
    if (failure) return tl::make_unexpected(told_to(*failure));
    sim::runtime::point("commit ends");
    return results;
  }
  std::uint64_t bytes_of(const command& one) const noexcept { return one.bytes; }
  std::uint64_t work_of(const command& one) const noexcept { return one.erases ? 2 : 1; }

  const std::vector<recorded_write>& log() const noexcept { return log_; }
  /// A commit was begun with it.
  bool submitted(std::uint64_t number) const { return submitted_.contains(number); }

 protected:
  /// The number of a commit that is asked for, within the bounds of a slot.
  std::uint64_t next_commit(std::span<const command> batch) {
    sim::require(batch.size() <= most_items, "a batch is larger than a slot may be");
    std::uint64_t work = 0;
    for (const command& one : batch) work += work_of(one);
    sim::require(work <= most_work, "a batch is more work than a slot may be");
    return ++commits_;
  }
  std::optional<commit_error> rejection(std::span<const command> batch) const {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!batch[i].poison) continue;
      commit_error why{commit_error::kind::rejected, {}, "poison"};
      if (names_offenders) why.offender = i;
      return why;
    }
    return std::nullopt;
  }
  void note_submitted(std::span<const command> batch) {
    for (const command& one : batch) submitted_.insert(one.number);
  }
  std::optional<commit_error::kind> failure_of(std::uint64_t commit) const {
    const auto found = failures.find(commit);
    return found == failures.end() ? std::nullopt : std::optional{found->second};
  }
  static commit_error told_to(commit_error::kind what) { return {what, {}, "told to"}; }
  std::vector<result> apply(std::span<const command> batch) {
    std::vector<result> results;
    for (const command& one : batch) results.push_back(apply(one));
    return results;
  }

 private:
  result apply(const command& one) {
    log_.push_back(one);
    const auto found = map_.find(one.key);
    const result before = found == map_.end() ? 0 : found->second;
    if (one.erases) {
      map_.erase(one.key);
    } else {
      map_[one.key] = one.number;
    }
    return before;
  }

  std::vector<recorded_write> log_;
  std::set<std::uint64_t> submitted_;
  std::map<std::uint32_t, std::uint64_t> map_;
  std::uint64_t commits_ = 0;
};

}  // namespace wavetank::props

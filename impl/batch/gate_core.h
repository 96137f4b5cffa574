// The counters of a sync gate: admissions and pauses of each shard.
//
// A writer publishes its admission and then looks for a pause; a pauser publishes its pause and then looks for
// admissions. Each must see the other's if its own came later, which is store buffering: both sides need sequential
// consistency, and acquire and release are not enough.
#pragma once

#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace wavetank::gate_detail {

template <runtime R>
class gate_core {
 public:
  using time_point = typename R::time_point;
  using shard_list = std::vector<std::size_t>;

  gate_core(R& of, std::size_t shards) : world(of), shards_(shards) {
    R::label(mutex_, "gate's mutex");
    R::label(changed_, "gate's changes");
  }

  /// Admissions to all of them, or to none and the shard that is paused. Never suspends.
  std::optional<std::size_t> try_enter(const shard_list& shards) noexcept {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      shards_[shards[i]].admissions.fetch_add(1, std::memory_order_seq_cst);
      if (shards_[shards[i]].pauses.load(std::memory_order_seq_cst) == 0) continue;
      for (std::size_t back = 0; back <= i; ++back) leave(shards[back]);
      return shards[i];
    }
    return std::nullopt;
  }

  void leave(const shard_list& shards) noexcept {
    for (const std::size_t shard : shards) leave(shard);
  }

  /// Waits until the shard is not paused; false at the deadline.
  bool await_resumed(std::size_t shard, time_point deadline) {
    return wait(deadline, [&] { return shards_[shard].pauses.load(std::memory_order_seq_cst) == 0; });
  }

  void pause(const shard_list& shards) noexcept {
    for (const std::size_t shard : shards) shards_[shard].pauses.fetch_add(1, std::memory_order_seq_cst);
  }
  void resume(const shard_list& shards) noexcept {
    for (const std::size_t shard : shards) shards_[shard].pauses.fetch_sub(1, std::memory_order_seq_cst);
    tell();
  }

  /// Waits until `over()` or none of the shards has an admission; false at the deadline.
  template <class Over>
  bool await_drained(const shard_list& shards, time_point deadline, Over&& over) {
    return wait(deadline, [&] { return over() || drained(shards); });
  }

  bool drained(const shard_list& shards) const noexcept {
    return std::all_of(shards.begin(), shards.end(), [&](std::size_t shard) {
      return shards_[shard].admissions.load(std::memory_order_seq_cst) == 0;
    });
  }

  std::uint64_t admissions(std::size_t shard) const noexcept { return shards_[shard].admissions.load(); }
  std::uint64_t pauses(std::size_t shard) const noexcept { return shards_[shard].pauses.load(); }
  std::size_t shard_count() const noexcept { return shards_.size(); }

  R& world;

 private:
  /// Each on a cache line of its own: writers of different shards do not disturb each other.
  struct alignas(64) shard_counters {
    shard_counters() {
      R::label(admissions, "admissions");
      R::label(pauses, "pauses");
    }
    typename R::template atomic<std::uint64_t> admissions{0};
    typename R::template atomic<std::uint64_t> pauses{0};
  };

  void leave(std::size_t shard) noexcept {
    const bool last = shards_[shard].admissions.fetch_sub(1, std::memory_order_seq_cst) == 1;
    if (last && shards_[shard].pauses.load(std::memory_order_seq_cst) != 0) tell();
  }

  void tell() noexcept {
    const std::lock_guard lock{mutex_};
    changed_.notify_all();
  }

  template <class Holds>
  bool wait(time_point deadline, Holds&& holds) {
    std::unique_lock lock{mutex_};
    while (!holds()) {
      if (deadline == time_point::max()) {
        changed_.wait(lock);
      } else if (deadline <= world.now()) {
        return false;
      } else {
        changed_.wait_until(lock, deadline);
      }
    }
    return true;
  }

  std::vector<shard_counters> shards_;
  typename R::mutex mutex_;
  typename R::condition_variable changed_;
};

}  // namespace wavetank::gate_detail

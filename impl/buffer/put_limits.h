// How much a partition may hold, and how much in its current table makes it swap.
#pragma once

#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_bounds.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace wavetank::buffer_detail {

/// Set under the partition's mutex, looked at by any writer.
template <runtime R, table_kind Table>
class put_limits {
 public:
  put_limits(const table_gate<R, Table>& gate, const hand_over<R, Table>& older,
             std::shared_ptr<shared_bounds<R>> shared)
      : gate_(gate), older_(older), shared_(std::move(shared)) {}

  void set(const partition_options& options) noexcept {
    own_.set(options.max_records, options.max_bytes);
    threshold_.store(options.drain_threshold.value_or(unbounded), std::memory_order_relaxed);
    const bool any = own_.any() || shared_->all.any() || options.drain_threshold;
    any_.store(any, std::memory_order_relaxed);
  }

  /// There are bounds, or a threshold. Relaxed: whoever sets a limit while puts are under way finds some of them
  /// without it.
  bool any() const noexcept { return any_.load(std::memory_order_relaxed); }

  /// Records and bytes that the bounds are about. The current table first: what becomes older in between is counted
  /// twice rather than not at all.
  table_extent occupancy() const noexcept {
    const table_extent now = gate_.size();
    table_extent all = older_.older();
    return all += now;
  }

  std::optional<exceeded_bound> exceeded(const table_extent& growth) const {
    if (own_.any()) {
      if (auto own = own_.exceeded(occupancy(), growth)) return own;
    }
    return shared_->exceeded(growth);
  }

  /// Nothing while a table changes sides, or has got a record since: its writers may be ahead of its count.
  std::optional<table_extent> sure_occupancy() const {
    if (!older_.counts_late_writers()) return std::nullopt;
    const std::uint64_t moves = older_.moves();
    const table_extent all = occupancy();
    return moves % 2 == 0 && older_.moves() == moves ? std::optional{all} : std::nullopt;
  }

  /// No: or it is not sure. After another look at such tables, and under the partition's mutex, `exceeded` is, but that
  /// it counts twice what another partition hands over at that moment.
  bool fits(const table_extent& growth) const {
    if (own_.any()) {
      const auto sure = sure_occupancy();
      if (!sure || own_.exceeded(*sure, growth)) return false;
    }
    return shared_->fits(growth);
  }

  /// So that `exceeded` misses nothing of the other partitions. Without any partition's mutex.
  void look_again_at_all() const {
    if (shared_->any()) shared_->whole->look_again();
  }

  bool threshold_is_reached() const noexcept {
    const std::uint64_t threshold = threshold_.load(std::memory_order_relaxed);
    return threshold != unbounded && gate_.size().records >= threshold;
  }

  room_signal<R>& room() const noexcept { return shared_->room; }

 private:
  const table_gate<R, Table>& gate_;
  const hand_over<R, Table>& older_;
  const std::shared_ptr<shared_bounds<R>> shared_;
  extent_bounds<R> own_;
  // What every writer reads, on a cache line that is seldom written.
  alignas(64) typename R::template atomic<bool> any_{false};
  typename R::template atomic<std::uint64_t> threshold_{unbounded};
};

}  // namespace wavetank::buffer_detail

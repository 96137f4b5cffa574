// What becomes of a put that a bound has no room for.
#pragma once

#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/put_error.h>
#include <wavetank/impl/buffer/put_limits.h>
#include <wavetank/impl/buffer/room_signal.h>
#include <wavetank/impl/buffer/table_kind_defaults.h>
#include <wavetank/impl/buffer/table_lease.h>
#include <wavetank/impl/buffer/table_rotation.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include <tl/expected.hpp>

namespace wavetank::buffer_detail {

/// By writers, who hold no lease and no partition's mutex.
template <runtime R, table_kind Table>
class put_overflow {
 public:
  using time_point = typename R::time_point;
  using gate_type = table_gate<R, Table>;
  using lock = typename partition_commons<R>::lock;
  using lease = table_lease<R, Table>;

  put_overflow(partition_commons<R>& commons, gate_type& gate, hand_over<R, Table>& older,
               const put_limits<R, Table>& limits, table_rotation<R, Table>& rotation)
      : commons_(commons), gate_(gate), older_(older), limits_(limits), rotation_(rotation) {}

  /// The answer to the put; none: there may be room now, so try again.
  template <class Answer>
  std::optional<Answer> settle(const table_extent& growth, std::size_t shard, time_point deadline) {
    limits_.look_again_at_all();
    lock held{commons_.mutex};
    if (rotation_.closed()) return Answer{tl::unexpect, put_error{put_problem::closed}};
    older_.look_again();
    // None of its tables is published meanwhile, so that nothing of them is counted twice.
    const auto bound = limits_.exceeded(growth);
    if (!bound) return std::nullopt;
    if (bound->asked > bound->limit)
      return refuse<Answer>({put_problem::too_large, bound->limit, bound->asked}, growth);
    switch (commons_.options.on_overflow) {
      case overflow_policy::reject:
      case overflow_policy::coalesce:
        return refuse<Answer>({put_problem::full, bound->limit}, growth);
      case overflow_policy::block:
        return wait_for_room<Answer>(held, growth, deadline);
      case overflow_policy::drop_newest:
        return drop_newest<Answer>(growth);
      case overflow_policy::drop_oldest:
        held.unlock();
        if (drop_oldest(growth, shard)) return std::nullopt;
        held.lock();
        return drop_newest<Answer>(growth);
    }
    return std::nullopt;
  }

  /// What was rejected or dropped here. Under the partition's mutex.
  const buffer_counts& counts() const noexcept { return counts_; }

 private:
  template <class Answer>
  Answer refuse(const put_error& why, const table_extent& growth) {
    counts_.rejected += growth.records;
    tell(drop_reason::rejected, growth.records);
    return Answer{tl::unexpect, why};
  }
  template <class Answer>
  Answer drop_newest(const table_extent& growth) {
    counts_.accepted += growth.records;
    counts_.dropped_newest += growth.records;
    tell(drop_reason::newest, growth.records);
    return Answer{};
  }

  template <class Answer>
  std::optional<Answer> wait_for_room(lock& held, const table_extent& growth, time_point deadline) {
    typename room_signal<R>::ticket waiting{limits_.room()};
    const auto bound = limits_.exceeded(growth);
    if (!bound) return std::nullopt;
    rotation_.request_swap();
    held.unlock();
    if (waiting.wait(commons_.world, deadline)) return std::nullopt;
    held.lock();
    return refuse<Answer>({put_problem::deadline, bound->limit}, growth);
  }

  /// True: there may be room now. False: there is nothing left to drop, or the table kind drops nothing.
  bool drop_oldest(const table_extent& growth, std::size_t shard) {
    std::uint64_t dropped = 0;
    const std::size_t shards = gate_.shard_count();
    // Of a table that was published over meanwhile, what is dropped makes no room before somebody looks again.
    const auto is_full = [&] { return older_.counts_late_writers() && limits_.exceeded(growth); };
    for (std::size_t i = 0; i < shards && is_full(); ++i) {
      lease from = gate_.enter((shard + i) & (shards - 1), true);
      if (!from) break;
      while (is_full() && drop_oldest_in(from)) {
        from.tell_size();
        ++dropped;
      }
    }
    if (dropped != 0) tell(drop_reason::oldest, dropped);
    return !is_full();
  }

  void tell(drop_reason why, std::uint64_t records) {
    if (commons_.listener != nullptr) commons_.listener->dropped(commons_.index, why, records);
  }

  partition_commons<R>& commons_;
  gate_type& gate_;
  hand_over<R, Table>& older_;
  const put_limits<R, Table>& limits_;
  table_rotation<R, Table>& rotation_;
  buffer_counts counts_;
};

}  // namespace wavetank::buffer_detail

// What a partition does because of time alone: ticks, time-outs of the processor, looks after late writers.
#pragma once

#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/partition_drain.h>
#include <wavetank/impl/buffer/table_processing.h>
#include <wavetank/impl/buffer/table_rotation.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>

namespace wavetank::buffer_detail {

/// Under the partition's mutex. A change of the interval keeps the phase.
template <runtime R, table_kind Table>
class partition_clock {
 public:
  using time_point = typename R::time_point;
  using lock = typename partition_commons<R>::lock;

  partition_clock(partition_commons<R>& commons, table_processing<R, Table>& processing,
                  table_rotation<R, Table>& rotation)
      : commons_(commons), processing_(processing), rotation_(rotation) {}

  void start() { last_tick_ = commons_.world.now(); }

  /// Does what is due and waits for what comes next, or to be woken up.
  void look(lock& held) {
    const time_point now = commons_.world.now();
    if (processing_.call().is_awaited() && processing_.call().deadline() <= now) return processing_.time_out(held);
    if (!rotation_.closed() && next_tick() <= now) tick(now);
    if (polls_late_writers()) rotation_.go_on();
    const time_point until = next_event(now);
    commons_.partition_sleeps_until = until;
    if (until == time_point::max()) {
      commons_.partition_wake_up.wait(held);
    } else {
      commons_.partition_wake_up.wait_until(held, until);
    }
  }

 private:
  time_point next_tick() const noexcept { return last_tick_ + commons_.options.processing_interval; }

  void tick(time_point now) {
    const auto missed = (now - last_tick_) / commons_.options.processing_interval;
    last_tick_ += missed * commons_.options.processing_interval;
    rotation_.request_swap();
  }

  /// Whoever stops the partition does it then.
  bool polls_late_writers() const noexcept { return !rotation_.closed() && rotation_.waits_for_writers(); }

  time_point next_event(time_point now) const noexcept {
    time_point next = rotation_.closed() ? time_point::max() : next_tick();
    if (processing_.call().is_awaited()) next = std::min(next, processing_.call().deadline());
    if (polls_late_writers()) next = std::min<time_point>(next, now + late_writer_poll);
    return next;
  }

  partition_commons<R>& commons_;
  table_processing<R, Table>& processing_;
  table_rotation<R, Table>& rotation_;
  time_point last_tick_{};
};

}  // namespace wavetank::buffer_detail

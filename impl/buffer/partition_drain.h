// Waiting until what was accepted is processed: once up to now, and once for good.
#pragma once

#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/given_back.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/put_limits.h>
#include <wavetank/impl/buffer/stop_report.h>
#include <wavetank/impl/buffer/table_processing.h>
#include <wavetank/impl/buffer/table_rotation.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace wavetank::buffer_detail {

/// How often it is looked whether a writer has left a table that waits for it: it does not tell.
inline constexpr std::chrono::milliseconds late_writer_poll{1};

/// By any task, which holds no mutex.
template <runtime R, table_kind Table>
class partition_drain {
 public:
  using time_point = typename R::time_point;
  using lock = typename partition_commons<R>::lock;
  using report = stop_report<typename Table::entry>;
  using frame = table_frame<R, Table>;

  partition_drain(partition_commons<R>& commons, table_gate<R, Table>& gate, hand_over<R, Table>& older,
                  const put_limits<R, Table>& limits, table_processing<R, Table>& processing,
                  table_rotation<R, Table>& rotation)
      : commons_(commons),
        gate_(gate),
        older_(older),
        limits_(limits),
        processing_(processing),
        rotation_(rotation),
        returned_(gate, older) {}

  /// Records that a stop has given back. Under the partition's mutex.
  std::uint64_t returned() const noexcept { return returned_.count(); }

  // Flush -----------------------------------------------------------------------------------------------------------

  /// Begins what a flush waits for.
  void begin_flush() {
    const std::lock_guard guard{commons_.mutex};
    if (!rotation_.closed() && gate_.size().records != 0) rotation_.request_swap();
  }

  bool flush(time_point deadline) {
    lock held{commons_.mutex};
    const std::uint64_t barrier = rotation_.newest_generation_with_records();
    if (!rotation_.closed() && rotation_.is_current(barrier)) rotation_.request_swap();
    while (!rotation_.settled_up_to(barrier) && !stopped_) {
      if (deadline != time_point::max() && deadline <= commons_.world.now()) return false;
      await_progress(held, deadline);
    }
    return returned() == 0;
  }

  // Stop ------------------------------------------------------------------------------------------------------------

  /// Accepts nothing more and begins to process what is left. False: somebody did that before.
  bool begin_stop(time_point deadline) {
    const std::lock_guard guard{commons_.mutex};
    if (rotation_.closed()) return false;
    before_stop_ = processing_.counts();
    rotation_.close();
    limits_.room().tell();
    if (!processing_.in_flight() && deadline > commons_.world.now()) rotation_.take_next();
    return true;
  }

  /// By whoever began it.
  report finish_stop(time_point deadline) {
    const task_shelter<R> sheltered;
    lock held{commons_.mutex};
    report said;
    process_until(held, deadline);
    const std::uint64_t failed_by_the_processor = processing_.counts().failed;
    if (!rotation_.is_drained()) give_back(held);
    said.rest = returned_.records();
    said.drained = said.rest.empty() && processing_.counts().failed == failed_by_the_processor;
    said.processor_stuck = processing_.call().is_running();
    said.delivered = processing_.counts().delivered - before_stop_.delivered;
    said.failed = processing_.counts().failed - before_stop_.failed;
    stopped_ = true;
    commons_.progress.notify_all();
    if (commons_.listener != nullptr) {
      commons_.listener->stopped(commons_.index, said.drained ? "drained" : "deadline", said.drained);
    }
    return said;
  }

  report await_stop() {
    lock held{commons_.mutex};
    while (!stopped_) commons_.progress.wait(held);
    report said;
    said.already_stopped = true;
    return said;
  }

 private:
  void await_progress(lock& held, time_point until) {
    if (until == time_point::max()) {
      commons_.progress.wait(held);
    } else {
      commons_.progress.wait_until(held, until);
    }
  }

  void process_until(lock& held, time_point deadline) {
    for (;;) {
      if (rotation_.is_drained() || deadline <= commons_.world.now()) return;
      if (!processing_.in_flight()) rotation_.take_next();
      if (rotation_.is_drained()) return;
      const time_point poll = processing_.in_flight() ? time_point::max() : commons_.world.now() + late_writer_poll;
      await_progress(held, std::min(deadline, poll));
    }
  }

  void give_back(lock& held) {
    processing_.give_back(held, returned_);
    while (older_.waits()) {
      if (frame* const next = older_.take(commons_.world.now())) {
        typename Table::cursor from_the_start;
        returned_.take_rest(next->table, from_the_start, next->counted);
        older_.done(*next);
      } else if (older_.waits()) {  // writers are inside: not for long
        held.unlock();
        commons_.world.sleep_until(commons_.world.now() + late_writer_poll);
        held.lock();
      }
    }
  }

  partition_commons<R>& commons_;
  table_gate<R, Table>& gate_;
  hand_over<R, Table>& older_;
  const put_limits<R, Table>& limits_;
  table_processing<R, Table>& processing_;
  table_rotation<R, Table>& rotation_;
  given_back<R, Table> returned_;
  buffer_counts before_stop_;
  bool stopped_ = false;
};

}  // namespace wavetank::buffer_detail

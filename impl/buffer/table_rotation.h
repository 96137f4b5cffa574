// When a partition's tables change their sides: swaps, what goes into flight next, and the last table of all.
#pragma once

#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/put_limits.h>
#include <wavetank/impl/buffer/standing_task.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/buffer/table_processing.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstdint>
#include <mutex>

namespace wavetank::buffer_detail {

/// A swap that is wanted while a table is in flight is noted, and made when that one is done: what is wanted is never
/// forgotten. Under the partition's mutex, but for `look_at_threshold`.
template <runtime R, table_kind Table>
class table_rotation {
 public:
  using gate_type = table_gate<R, Table>;
  using frame = table_frame<R, Table>;
  using time_point = typename R::time_point;

  table_rotation(partition_commons<R>& commons, gate_type& gate, hand_over<R, Table>& older,
                 const put_limits<R, Table>& limits, table_processing<R, Table>& processing,
                 standing_task<R>& processing_task)
      : commons_(commons),
        gate_(gate),
        older_(older),
        limits_(limits),
        processing_(processing),
        processing_task_(processing_task) {}

  /// By a writer that has told its size, without the mutex.
  void look_at_threshold() {
    // Sequentially consistent, after this writer told its size. Whoever takes up a noted swap first takes back the note
    // and then publishes: a writer that still sees it has its record in the table that will go.
    if (swap_noted_.load(std::memory_order_seq_cst) || !limits_.threshold_is_reached()) return;
    const std::lock_guard lock{commons_.mutex};
    request_swap_at_threshold();
  }
  void request_swap_at_threshold() {
    if (!closed_ && limits_.threshold_is_reached()) request_swap();
  }

  /// Now, or when the table in flight is done. Not of a closed partition.
  void request_swap() {
    if (processing_.in_flight()) {
      swap_noted_.store(true, std::memory_order_seq_cst);
    } else {
      swap();
    }
  }

  /// What can be processed goes into flight. Nothing is in flight.
  void take_next() {
    const time_point asked = commons_.world.now();
    frame* const next = older_.take(asked);
    if (older_.waits()) commons_.partition_wake_up.notify_one();
    if (next == nullptr) return commons_.progress.notify_all();  // what a flush waits for may have been empty
    processing_.begin(*next, asked);
    processing_task_.start_once();
    commons_.processing_wake_up.notify_one();
  }

  /// Nothing is in flight any more: what was noted meanwhile, or could not be handed over.
  void go_on() {
    if (older_.waits() && !processing_.gives_back()) take_next();
    if (!processing_.in_flight() && !closed_ && swap_noted_.load(std::memory_order_relaxed)) swap();
    commons_.progress.notify_all();
  }

  /// Nobody enters the current table any more, and there is none after it.
  void close() {
    closed_ = true;
    older_.close();
  }
  bool closed() const noexcept { return closed_; }

  bool is_drained() const noexcept { return !processing_.in_flight() && !older_.waits(); }
  /// Nothing is in flight, and tables wait for a writer, who does not tell when it leaves.
  bool waits_for_writers() const noexcept { return !processing_.in_flight() && older_.waits(); }

  // Generations, for those who wait until they are settled ----------------------------------------------------------

  std::uint64_t newest_generation_with_records() {
    const std::uint64_t newest = gate_.current().generation;
    return closed_ || gate_.size().records != 0 ? newest : newest - 1;
  }
  bool is_current(std::uint64_t generation) { return gate_.current().generation == generation; }
  bool settled_up_to(std::uint64_t generation) {
    // An erasure may have emptied the current table, which is not published over then.
    return (closed_ || gate_.current().generation > generation || gate_.size().records == 0) &&
           (!older_.waits() || older_.oldest_waiting() > generation) &&
           (!processing_.in_flight() || processing_.oldest_generation() > generation);
  }

 private:
  void swap() {
    swap_noted_.store(false, std::memory_order_seq_cst);
    if (gate_.size().records != 0) {
      if (gate_.has_free_table()) {
        older_.publish(commons_.world.now());
      } else {
        swap_noted_.store(true, std::memory_order_seq_cst);  // until a writer leaves
      }
    }
    take_next();
  }

  partition_commons<R>& commons_;
  gate_type& gate_;
  hand_over<R, Table>& older_;
  const put_limits<R, Table>& limits_;
  table_processing<R, Table>& processing_;
  standing_task<R>& processing_task_;
  bool closed_ = false;
  /// Written under the mutex; read by every writer where there are limits.
  alignas(64) typename R::template atomic<bool> swap_noted_{false};
};

}  // namespace wavetank::buffer_detail

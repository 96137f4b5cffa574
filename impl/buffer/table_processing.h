// The table that is in flight, from its hand-over to its recycling: batch after batch goes to the processor, and what
// fails goes by policy.
#pragma once

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/given_back.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/processor_call.h>
#include <wavetank/impl/buffer/put_limits.h>
#include <wavetank/impl/buffer/table_flight.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wavetank::buffer_detail {

/// One table at most is in flight, and one call at most of the processor under way. Under the partition's mutex. The
/// flight belongs to no task: whoever calls `advance` next goes on with it.
template <runtime R, table_kind Table>
class table_processing {
 public:
  using lock = typename partition_commons<R>::lock;
  using time_point = typename R::time_point;
  using processor = batch_processor<R, Table>;
  using gate_type = table_gate<R, Table>;
  using frame = table_frame<R, Table>;
  using flight = table_flight<R, Table>;
  using phase = typename flight::phase;

  table_processing(partition_commons<R>& commons, gate_type& gate, hand_over<R, Table>& older,
                   put_limits<R, Table>& limits, processor to)
      : commons_(commons), gate_(gate), older_(older), limits_(limits), call_(std::move(to)) {}

  bool in_flight() const noexcept { return flight_.has_value(); }
  /// Of the records in flight; only if there are some.
  std::uint64_t oldest_generation() const noexcept { return flight_->table->oldest_generation; }
  const processor_call<R, Table>& call() const noexcept { return call_; }
  /// What was delivered, and what has failed.
  const buffer_counts& counts() const noexcept { return counts_; }
  /// A stop has come to its deadline, and gives back what is not processed.
  bool gives_back() const noexcept { return gives_back_; }

  /// Nothing is in flight yet.
  void begin(frame& next, time_point asked) {
    assert(!flight_);
    flight_.emplace();
    flight_->table = &next;
    flight_->options = commons_.options;
    flight_->number = ++flights_;
    flight_->left = next.counted;
    flight_->began = asked;
    if (buffer_listener* const listener = commons_.listener) {
      const time_point now = commons_.world.now();
      listener->processing_started(commons_.index, next.counted.records, now - asked, now - next.opened_at);
    }
  }

  /// Does what comes next, or waits for it: makes a batch, hands it over, or recycles the table, each of them without
  /// the lock. True: the flight is over.
  bool advance(lock& held) {
    if (!flight_ || gives_dead_letter_) {
      commons_.processing_wake_up.wait(held);
    } else if (flight_->at == phase::emptying) {
      empty(held);
      return true;
    } else if (flight_->at != phase::has_batch) {
      next_batch(held);
    } else if (flight_->not_before > commons_.world.now()) {
      commons_.processing_wake_up.wait_until(held, flight_->not_before);
    } else {
      hand_over_batch(held);
    }
    return false;
  }

  /// By the task that was in `advance`.
  void task_died(lock& held) {
    if (call_.is_running()) returned(held, processing_failure::task_died, "the processing task ended");
  }

  /// The call that is awaited has taken too long. It is asked to stop without the lock.
  void time_out(lock& held) {
    const auto stop = call_.time_out();
    if (commons_.listener != nullptr) commons_.listener->stuck(commons_.index, true);
    fail(held, processing_failure::timed_out, "no return within processing_timeout");
    held.unlock();
    stop.request_stop();
    held.lock();
  }

  // At the deadline of a stop ---------------------------------------------------------------------------------------

  /// What is in flight is settled: given back, or failed where the processor may have seen it. Waits for the task that
  /// prepares a batch or empties the table.
  void give_back(lock& held, given_back<R, Table>& to) {
    gives_back_ = true;
    while (gives_dead_letter_ || (flight_ && (flight_->at == phase::preparing || flight_->at == phase::emptying))) {
      commons_.progress.wait(held);
    }
    if (flight_) settle_flight(held, to);
  }

 private:
  // Batches ---------------------------------------------------------------------------------------------------------

  void next_batch(lock& held) {
    flight& f = *flight_;
    f.at = phase::preparing;
    if (f.is_whole()) {
      give_away(*f.table);
      f.batch_extent = f.left;
    } else {
      held.unlock();
      f.batch = f.table->table.next_batch(f.cursor, f.options.processing_batch_size);
      f.batch_extent = {f.batch.size(), 0};
      if constexpr (requires { f.table->table.bytes_of(f.batch); }) {
        if (f.left.bytes != 0) f.batch_extent.bytes = std::min(f.left.bytes, f.table->table.bytes_of(f.batch));
      }
      held.lock();
    }
    f.attempt = 1;
    f.not_before = time_point::min();
    f.at = f.batch_extent.records == 0 ? phase::emptying : phase::has_batch;
    if (gives_back_) commons_.progress.notify_all();
  }

  /// The processor may keep it: it cannot be recycled.
  void give_away(frame& of) {
    const auto elders = gate_.lock_elders();
    if (of.given_away == nullptr) of.given_away = std::make_shared<Table>(std::move(of.table));
  }

  void hand_over_batch(lock& held) {
    flight& f = *flight_;
    const time_point deadline = commons_.world.now() + f.options.processing_timeout;
    const processing_context<R> context{commons_.index, f.number, f.attempt, call_.begin(deadline)};
    if (deadline < commons_.partition_sleeps_until) commons_.partition_wake_up.notify_one();
    held.unlock();
    const std::optional<std::string> thrown = call_.process(f, context);
    if (!thrown) remember(f);
    held.lock();
    if (thrown) {
      returned(held, processing_failure::threw, *thrown);
    } else {
      returned(held, std::nullopt, {});
    }
  }

  /// What the table kind keeps of delivered entries.
  void remember([[maybe_unused]] const flight& f) {
    gate_.remember([&](const auto& remember_one) {
      if constexpr (requires { typename Table::memory; }) {
        if (f.is_whole()) {
          f.table->contents().for_each(remember_one);
        } else {
          std::for_each(f.batch.begin(), f.batch.end(), remember_one);
        }
      }
    });
  }

  /// The call is over. One that was settled before is ignored.
  void returned(lock& held, std::optional<processing_failure> failure, std::string_view text) {
    const bool was_stuck = call_.is_stuck();
    if (!call_.end()) {
      if (was_stuck && commons_.listener != nullptr) commons_.listener->stuck(commons_.index, false);
      if (flight_->given_back) flight_->at = phase::emptying;
    } else if (failure) {
      fail(held, *failure, text);
    } else {
      counts_.delivered += flight_->batch_extent.records;
      settle_batch();
    }
  }

  void settle_batch() {
    flight& f = *flight_;
    f.left.records -= f.batch_extent.records;
    f.left.bytes -= f.batch_extent.bytes;
    older_.settled(f.batch_extent);
    f.at = f.is_whole() ? phase::emptying : phase::needs_batch;
    limits_.room().tell();
  }

  /// All batches are settled.
  void empty(lock& held) {
    flight& f = *flight_;
    older_.forget(*f.table);
    held.unlock();
    if (f.table->given_away == nullptr) f.table->table.clear();
    held.lock();
    gate_.recycle(*f.table);
    older_.settled(f.left);  // bytes, where the kind cannot tell those of a batch
    if (commons_.listener != nullptr) {
      commons_.listener->processing_finished(commons_.index, f.table->counted.records, commons_.world.now() - f.began);
    }
    flight_.reset();
  }

  // Failures --------------------------------------------------------------------------------------------------------

  /// A call has failed: the batch goes by policy.
  void fail(lock& held, processing_failure why, std::string_view text) {
    flight& f = *flight_;
    tell_failure(why, text);
    if (is_retried(f, why)) return f.back_off(commons_.world.now());
    if (f.options.on_failure == failure_policy::dead_letter) give_dead_letter(held);
    count_failed();
  }
  void tell_failure(processing_failure why, std::string_view text) {
    if (commons_.listener == nullptr) return;
    commons_.listener->processing_failed(commons_.index, why, flight_->batch_extent.records, text);
  }
  void count_failed() {
    counts_.failed += flight_->batch_extent.records;
    settle_batch();
  }

  /// At most once: only what is known to have failed.
  static bool is_retried(const flight& f, processing_failure why) noexcept {
    if (why == processing_failure::stopped) return false;
    if (f.options.delivery == delivery_guarantee::at_least_once) return true;
    return f.options.on_failure == failure_policy::retry && why == processing_failure::threw &&
           f.attempt < f.options.max_attempts;
  }

  void give_dead_letter(lock& held) {
    gives_dead_letter_ = true;
    held.unlock();
    try {
      hand_over_dead_letter();
    } catch (...) {  // this task is being ended in it
      const task_shelter<R> sheltered;
      held.lock();
      gives_dead_letter_ = false;
      count_failed();
      commons_.processing_wake_up.notify_one();
      throw;
    }
    held.lock();
    gives_dead_letter_ = false;
    commons_.processing_wake_up.notify_one();
    commons_.progress.notify_all();
  }
  void hand_over_dead_letter() {
    if (const auto thrown = call_.bury(*flight_)) {
      commons_.world.log(log_level::error, "buffer: the dead-letter function threw: " + *thrown);
    }
  }

  // Giving back -----------------------------------------------------------------------------------------------------

  void settle_flight(lock& held, given_back<R, Table>& to) {
    flight& f = *flight_;
    std::optional<typename R::stop_source> asked;
    if (call_.is_awaited()) asked = call_.give_up();
    // What the processor sees, or may have kept, is not given back.
    if (f.at == phase::has_batch && (call_.is_running() || (f.is_whole() && f.attempt > 1))) {
      tell_failure(processing_failure::stopped, "stop");
      count_failed();
    }
    if (f.is_whole()) {
      if (f.table->given_away == nullptr || f.at == phase::has_batch) {
        Table& whole = f.table->given_away == nullptr ? f.table->table : *f.table->given_away;
        to.take_rest(whole, f.cursor, f.left);
      }
    } else {
      if (f.at == phase::has_batch) to.take_batch(f);
      to.take_rest(f.table->table, f.cursor, f.left);
    }
    f.left = {};
    f.given_back = true;
    f.at = phase::emptying;
    if (!call_.is_running()) {
      older_.done(*f.table);
      flight_.reset();
    }
    if (!asked) return;
    held.unlock();
    asked->request_stop();
    held.lock();
  }

  partition_commons<R>& commons_;
  gate_type& gate_;
  hand_over<R, Table>& older_;
  put_limits<R, Table>& limits_;
  buffer_counts counts_;
  std::optional<flight> flight_;
  std::uint64_t flights_ = 0;
  processor_call<R, Table> call_;
  bool gives_dead_letter_ = false;  ///< the batch in flight belongs to the dead-letter function
  bool gives_back_ = false;
};

}  // namespace wavetank::buffer_detail

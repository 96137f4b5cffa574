// A partition as its writers, its two tasks and those who flush or stop it share it: the parts, and who calls which.
//
// Writers meet the rest in the gate alone. The `partition` task watches the clock; the `processing` task, which is
// started for the first table, calls the processor. From the bottom up: tables (gate, hand-over), limits, processing,
// rotation; above it overflow, drain and clock, which do not know each other.
#pragma once

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_bounds.h>
#include <wavetank/impl/buffer/partition_clock.h>
#include <wavetank/impl/buffer/partition_commons.h>
#include <wavetank/impl/buffer/partition_drain.h>
#include <wavetank/impl/buffer/put_error.h>
#include <wavetank/impl/buffer/put_limits.h>
#include <wavetank/impl/buffer/put_overflow.h>
#include <wavetank/impl/buffer/shard_seats.h>
#include <wavetank/impl/buffer/standing_task.h>
#include <wavetank/impl/buffer/stop_report.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/buffer/table_kind_defaults.h>
#include <wavetank/impl/buffer/table_lease.h>
#include <wavetank/impl/buffer/table_processing.h>
#include <wavetank/impl/buffer/table_rotation.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank::buffer_detail {

template <runtime R, table_kind Table>
class partition_core : public std::enable_shared_from_this<partition_core<R, Table>> {
 public:
  using entry = typename Table::entry;
  using time_point = typename R::time_point;
  using processor = batch_processor<R, Table>;
  using report = stop_report<entry>;
  using lease = table_lease<R, Table>;

  static tl::expected<void, option_error> check(const partition_options& options, const processor& to) {
    if (auto fault = validate(options); !fault) return fault;
    return check_processor(options, to);
  }

  partition_core(R& world, processor to, const partition_options& options, typename Table::options table,
                 buffer_listener* listener, std::size_t index,
                 std::shared_ptr<shared_bounds<R>> bounds = std::make_shared<shared_bounds<R>>())
      : commons_(world, index, listener, options),
        seats_(world, options.shards),
        gate_(std::move(table), options.shards, world.now()),
        limits_(gate_, hand_over_, std::move(bounds)),
        processing_(commons_, gate_, hand_over_, limits_, std::move(to)) {
    limits_.set(options);
  }

  void start() {
    const std::lock_guard lock{commons_.mutex};
    partition_task_.belongs_to(this->weak_from_this());
    processing_task_.belongs_to(this->weak_from_this());
    clock_.start();
    partition_task_.start();
    if (commons_.listener != nullptr) commons_.listener->started(commons_.index);
  }

  // Writers ---------------------------------------------------------------------------------------------------------

  using seat = typename shard_seats<R, shard_view<R, Table>>::seat;

  /// Into the shard that the record belongs to; else that of the current task, or of `from`.
  template <class Record>
  [[gnu::always_inline]] auto put(Record&& record, time_point deadline) {
    return put_at(
        [this]() -> auto& { return seats_.own(); }, std::forward<Record>(record), deadline);
  }
  template <class Record>
  [[gnu::always_inline]] auto put(seat& from, Record&& record, time_point deadline) {
    return put_at(
        [&from]() -> auto& { return from.place(); }, std::forward<Record>(record), deadline);
  }
  seat take_seat() { return seats_.take(); }

  lease enter(std::size_t shard) { return gate_.enter(shard, limits_.any()); }
  lease enter() { return gate_.enter(seats_.own(), limits_.any()); }
  std::size_t shard_count() const noexcept { return gate_.shard_count(); }
  /// An operation under a lease has made the table smaller.
  void tell_room() { limits_.room().tell(); }

  // Flush and stop --------------------------------------------------------------------------------------------------

  void begin_flush() { drain_.begin_flush(); }
  bool flush(time_point deadline) { return drain_.flush(deadline); }

  bool begin_stop(time_point deadline) { return drain_.begin_stop(deadline); }
  report finish_stop(time_point deadline) { return drain_.finish_stop(deadline); }
  report await_stop() { return drain_.await_stop(); }
  report stop(time_point deadline) {
    const task_shelter<R> sheltered;  // whoever stops it does so to the end
    return begin_stop(deadline) ? finish_stop(deadline) : await_stop();
  }

  void destroy() {
    const task_shelter<R> sheltered;
    stop(time_point::min());
    std::vector<typename R::task> tasks;
    {
      const std::lock_guard lock{commons_.mutex};
      partition_task_.end(tasks);
      processing_task_.end(tasks);
      commons_.partition_wake_up.notify_all();
      commons_.processing_wake_up.notify_all();
    }
    for (auto& each : tasks) join(each);
  }

  // Options ---------------------------------------------------------------------------------------------------------

  tl::expected<void, option_error> check_update(const partition_options& options) const {
    if (auto fault = check(options, processing_.call().whom()); !fault) return fault;
    if (options.shards == gate_.shard_count()) return {};
    return tl::make_unexpected(option_error{
        "shards", "is " + std::to_string(options.shards) + ": it must stay " + std::to_string(gate_.shard_count())});
  }

  tl::expected<void, option_error> update_options(const partition_options& options) {
    if (auto fault = check_update(options); !fault) return fault;
    const std::lock_guard lock{commons_.mutex};
    commons_.options = options;
    limits_.set(options);
    rotation_.request_swap_at_threshold();
    commons_.partition_wake_up.notify_one();
    limits_.room().tell();
    return {};
  }

  partition_options options() const {
    const std::lock_guard lock{commons_.mutex};
    return commons_.options;
  }

  // Looks -----------------------------------------------------------------------------------------------------------

  std::uint64_t buffer_size() const { return gate_.size().records; }
  std::uint64_t in_flight_size() const { return hand_over_.older().records; }
  table_extent occupancy() const noexcept { return limits_.occupancy(); }
  std::optional<table_extent> sure_occupancy() const { return limits_.sure_occupancy(); }
  void look_again() {
    const std::lock_guard lock{commons_.mutex};
    hand_over_.look_again();
  }
  bool stuck() const {
    const std::lock_guard lock{commons_.mutex};
    return processing_.call().is_stuck();
  }

  buffer_counts counts() {
    const std::lock_guard lock{commons_.mutex};
    hand_over_.look_again();
    buffer_counts all = processing_.counts();
    all += overflow_.counts();
    all.returned = drain_.returned();
    const shard_tally tally = hand_over_.tally();
    all.accepted += tally.accepted;
    all.superseded += tally.superseded;
    all.erased += tally.erased;
    all.dropped_oldest += tally.dropped_oldest;
    all.buffered = gate_.size().records;
    all.in_flight = hand_over_.older().records;
    all.late_retries = gate_.late_retries();
    return all;
  }

 private:
  using held_lock = typename partition_commons<R>::lock;

  template <class Place, class Record>
  [[gnu::always_inline]] auto put_at(Place&& own, Record&& record, time_point deadline) {
    auto ready = prepare_for<Table>(gate_.options(), std::forward<Record>(record));
    if constexpr (requires { Table::shard_of(ready, gate_.shard_count()); }) {
      return put_ready(Table::shard_of(ready, gate_.shard_count()), ready, deadline);
    } else {
      return put_ready(own(), ready, deadline);
    }
  }

  template <class Ready>
  using answer_to =
      tl::expected<decltype(std::declval<Table&>().insert(std::declval<lease&>(), std::declval<Ready>())), put_error>;

  /// Inlined is what an unbounded put needs, and nothing that would make it keep in memory what registers can hold: on
  /// the machines of today its stores are what it costs.
  template <class Place, class Ready>
  [[gnu::always_inline]] answer_to<Ready> put_ready(Place&& at, Ready& ready, time_point deadline) {
    if (limits_.any()) [[unlikely]]
      return put_within_limits(index_of(at), std::move(ready), deadline);
    lease into = gate_.enter(at, false);
    if (!into) [[unlikely]]
      return refused_as_closed<Ready>();
    return insert_into<answer_to<Ready>>(into, std::move(ready));
  }

  template <class Ready>
  [[gnu::noinline]] answer_to<Ready> put_within_limits(std::size_t shard, Ready ready, time_point deadline) {
    using answer = answer_to<Ready>;
    for (;;) {
      lease into = gate_.enter(shard, true);
      if (!into) return refused_as_closed<Ready>();
      const table_extent growth = growth_in(into, ready);
      if (limits_.fits(growth)) {
        answer said = insert_into<answer>(into, std::move(ready));
        into.let_go();
        rotation_.look_at_threshold();
        return said;
      }
      into.let_go();
      if (auto said = overflow_.template settle<answer>(growth, shard, deadline)) return std::move(*said);
    }
  }

  template <class Ready>
  static answer_to<Ready> refused_as_closed() {
    return answer_to<Ready>{tl::unexpect, put_error{put_problem::closed}};
  }
  static std::size_t index_of(std::size_t shard) noexcept { return shard; }
  static std::size_t index_of(const shard_view<R, Table>& at) noexcept { return at.shard; }

  void process(held_lock& held) {
    if (processing_.advance(held)) rotation_.go_on();
  }

  /// An exception that ended the task was told when its call failed.
  static void join(typename R::task& ended) {
    try {
      ended.join();
    } catch (...) {  // of a processor
    }
  }

  partition_commons<R> commons_;
  shard_seats<R, shard_view<R, Table>> seats_;
  table_gate<R, Table> gate_;
  hand_over<R, Table> hand_over_{gate_};
  put_limits<R, Table> limits_;
  table_processing<R, Table> processing_;
  standing_task<R> processing_task_{commons_, "processing", [this](held_lock& held) { process(held); },
                                    [this](held_lock& held) { processing_.task_died(held); }};
  table_rotation<R, Table> rotation_{commons_, gate_, hand_over_, limits_, processing_, processing_task_};
  put_overflow<R, Table> overflow_{commons_, gate_, hand_over_, limits_, rotation_};
  partition_drain<R, Table> drain_{commons_, gate_, hand_over_, limits_, processing_, rotation_};
  partition_clock<R, Table> clock_{commons_, processing_, rotation_};
  standing_task<R> partition_task_{commons_, "partition", [this](held_lock& held) { clock_.look(held); },
                                   [](held_lock&) {}};
};

}  // namespace wavetank::buffer_detail

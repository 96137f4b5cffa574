// A fixed number of double-buffered partitions behind one door.
//
// A record goes to the partition of its key's hash (maps), of the task that puts it (queues: so that each producer's
// records keep their order), of the user's routing function, or to the one that is named. Indices are stable: nothing
// that happens to a partition moves a key. See double_buffer_partition.h for what a partition promises.
#pragma once

#include <wavetank/impl/buffer/double_buffer_partition.h>
#include <wavetank/impl/buffer/hash_map_table.h>
#include <wavetank/impl/buffer/partition_router.h>
#include <wavetank/impl/buffer/queue_table.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// Table kinds whose entries have keys.
template <class Table>
concept keyed_table = table_kind<Table> && requires {
  typename Table::key_type;
  typename Table::mapped_type;
};

/// What a buffer is made with beside its options.
template <class Table>
struct buffer_wiring {
  typename Table::options table{};
  route_function<Table> route{};        ///< none: by key, or by task
  buffer_listener* listener = nullptr;  ///< outlives the buffer
};

/// All members may be called by any task at any time, but for construction and destruction, see
/// double_buffer_partition. The processor is called by the tasks of several partitions at a time.
template <runtime R, table_kind Table>
class partitioned_buffer {
  using core_type = buffer_detail::partition_core<R, Table>;
  using bounds_type = buffer_detail::shared_bounds<R>;

 public:
  using entry = typename Table::entry;
  using time_point = typename R::time_point;
  using processor = batch_processor<R, Table>;
  using partition_type = double_buffer_partition<R, Table>;
  using report = stop_report<entry>;
  using wiring = buffer_wiring<Table>;
  static constexpr time_point no_deadline = time_point::max();

  /// The buffer, running, or the option that is out of range. Nothing is started before all options are checked.
  static tl::expected<std::unique_ptr<partitioned_buffer>, option_error> make(R& world, processor to,
                                                                              buffer_options options = {},
                                                                              wiring with = {}) {
    if (auto fault = check(options, to); !fault) return tl::make_unexpected(std::move(fault.error()));
    return std::unique_ptr<partitioned_buffer>(new partitioned_buffer(world, to, options, std::move(with)));
  }
  partitioned_buffer(const partitioned_buffer&) = delete;
  partitioned_buffer& operator=(const partitioned_buffer&) = delete;

  // Putting ---------------------------------------------------------------------------------------------------------

  /// One record to the partition that it belongs to. Waits only under `overflow_policy::block`.
  template <class Record>
  [[gnu::always_inline]] auto put(Record record, time_point deadline = no_deadline) {
    if constexpr (!keyed_table<Table>) {
      if (!route_) [[likely]]
        return cores_[own_partition()]->put(std::move(record), deadline);
    }
    return put_by_route(std::move(record), deadline);
  }

  /// One record to this partition.
  template <class Record>
  auto put_to(std::size_t partition, Record record, time_point deadline = no_deadline) {
    using answer = decltype(cores_.front()->put(std::move(record), deadline));
    if (partition >= cores_.size()) {
      return answer{tl::unexpect, put_error{put_problem::bad_partition, cores_.size(), partition}};
    }
    return cores_[partition]->put(std::move(record), deadline);
  }

  /// For a producer of queues that puts much, see partition_writer.h: to this partition, whatever the routing. Throws
  /// std::out_of_range where there is none.
  partition_writer<R, Table> writer(std::size_t partition) requires(!keyed_table<Table>) {
    return partition_writer<R, Table>{cores_.at(partition)};
  }
  /// To the partition of the task that makes it, whatever the routing.
  partition_writer<R, Table> writer() requires(!keyed_table<Table>) { return writer(own_partition()); }

  /// Queues: many records. Those of one partition are accepted as one, together and in their order, or not at all. The
  /// answer is the first refusal, after every partition was tried.
  tl::expected<void, put_error> push(std::vector<entry> records,
                                     time_point deadline = no_deadline) requires(!keyed_table<Table>) {
    if (!route_) return put_to(own_partition(), std::move(records), deadline);
    std::vector<std::vector<entry>> by_partition(cores_.size());
    for (entry& each : records) {
      const std::size_t to = route_(each, cores_.size());
      if (to >= cores_.size()) return bad_partition(to);
      by_partition[to].push_back(std::move(each));
    }
    tl::expected<void, put_error> answer;
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      if (by_partition[i].empty()) continue;
      auto said = cores_[i]->put(std::move(by_partition[i]), deadline);
      if (!said && answer) answer = std::move(said);
    }
    return answer;
  }

  // Maps ------------------------------------------------------------------------------------------------------------

  using put_answer = tl::expected<put_result, put_error>;

  /// The last put wins.
  template <keyed_table T = Table>
  put_answer put(typename T::key_type key, typename T::mapped_type value, time_point deadline = no_deadline) {
    return put(map_put<typename T::key_type, typename T::mapped_type>{std::move(key), std::move(value), {}}, deadline);
  }
  /// Only over an older version, strictly.
  template <keyed_table T = Table>
  put_answer put_newer(typename T::key_type key, typename T::mapped_type value, std::uint64_t version,
                       time_point deadline = no_deadline) {
    return put(map_put<typename T::key_type, typename T::mapped_type>{std::move(key), std::move(value), version},
               deadline);
  }
  /// Each of them, in the order of the list; an answer for each. Those with a version as `put_newer`.
  template <keyed_table T = Table>
  std::vector<put_answer> put_all(std::vector<map_put<typename T::key_type, typename T::mapped_type>> all,
                                  time_point deadline = no_deadline) {
    std::vector<put_answer> answers;
    answers.reserve(all.size());
    for (auto& one : all) answers.push_back(put(std::move(one), deadline));
    return answers;
  }
  /// A copy of what was put last and is not processed yet. Nothing once the buffer is stopped.
  template <keyed_table T = Table>
  std::optional<typename T::mapped_type> get(const typename T::key_type& key) {
    return at_key(key, [&](auto& lease, std::uint64_t hash) { return lease.table().get(lease, hash, key); });
  }
  /// Whether there was something. A later `get` misses; a copy in flight may still be delivered.
  template <keyed_table T = Table>
  bool erase(const typename T::key_type& key) {
    return at_key(key, [&](auto& lease, std::uint64_t hash) { return lease.table().erase(lease, hash, key); });
  }

  // Control ---------------------------------------------------------------------------------------------------------

  /// As of one partition; of all together.
  bool flush(time_point deadline = no_deadline) {
    for (auto& each : cores_) each->begin_flush();
    bool all = true;
    for (auto& each : cores_) all = each->flush(deadline) && all;
    return all;
  }

  /// Closes all partitions, then waits for all. The rest is in the order of the partitions.
  report stop(time_point deadline = no_deadline) {
    const task_shelter<R> sheltered;
    std::vector<bool> mine;
    for (auto& each : cores_) mine.push_back(each->begin_stop(deadline));
    report all;
    all.already_stopped = std::none_of(mine.begin(), mine.end(), [](bool began) { return began; });
    for (std::size_t i = 0; i < cores_.size(); ++i) {
      report one = mine[i] ? cores_[i]->finish_stop(deadline) : cores_[i]->await_stop();
      all.drained = all.drained && one.drained;
      all.processor_stuck = all.processor_stuck || one.processor_stuck;
      all.delivered += one.delivered;
      all.failed += one.failed;
      std::move(one.rest.begin(), one.rest.end(), std::back_inserter(all.rest));
    }
    return all;
  }

  /// All of it to all partitions, or nothing. The number of partitions and of shards must stay.
  tl::expected<void, option_error> update_options(const buffer_options& options) {
    if (auto fault = validate(options); !fault) return fault;
    if (options.partitions != 0 && options.partitions != cores_.size()) {
      return tl::make_unexpected(option_error{"partitions", "is " + std::to_string(options.partitions) +
                                                                ": it must stay " + std::to_string(cores_.size())});
    }
    for (auto& each : cores_) {
      if (auto fault = each->check_update(options.each); !fault) return fault;
    }
    bounds_->all.set(options.max_records, options.max_bytes);
    for (auto& each : cores_) {
      [[maybe_unused]] const auto done = each->update_options(options.each);
      assert(done);  // it was checked
    }
    return {};
  }

  std::size_t partitions() const noexcept { return cores_.size(); }
  /// Where a record or a key goes.
  std::size_t partition_of(const typename routed_by<Table>::type& by) const {
    if (route_) return route_(by, cores_.size());
    if constexpr (keyed_table<Table>) {
      return partition_of_hash(Table::hash_of(by), cores_.size());
    } else {
      return own_partition();
    }
  }

  std::uint64_t buffer_size() const {
    return sum([](core_type& c) { return c.buffer_size(); });
  }
  std::uint64_t in_flight_size() const {
    return sum([](core_type& c) { return c.in_flight_size(); });
  }
  /// Exact when no operation is under way; while one is, a number may be below that of an earlier call.
  buffer_counts counts() const {
    buffer_counts all;
    for (auto& each : cores_) all += each->counts();
    return all;
  }
  buffer_counts counts(std::size_t partition) const { return cores_[partition]->counts(); }
  bool stuck(std::size_t partition) const { return cores_[partition]->stuck(); }

  ~partitioned_buffer() {
    stop(time_point::min());
    for (auto& each : cores_) each->destroy();
  }

 private:
  /// By value: what is looked at here can stay in registers where nobody looks at it.
  template <class Record>
  auto put_by_route(Record record, time_point deadline) {
    const std::size_t to = partition_of(record);
    return put_to(to, std::move(record), deadline);
  }

  static tl::expected<void, option_error> check(const buffer_options& options, const processor& to) {
    if (auto fault = validate(options); !fault) return fault;
    return core_type::check(options.each, to);
  }

  partitioned_buffer(R& world, const processor& to, const buffer_options& options, wiring with)
      : world_(world), route_(std::move(with.route)), bounds_(std::make_shared<bounds_type>()) {
    bounds_->all.set(options.max_records, options.max_bytes);
    const std::size_t n =
        options.partitions != 0 ? options.partitions : std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < n; ++i) {
      cores_.push_back(std::make_shared<core_type>(world, to, options.each, with.table, with.listener, i, bounds_));
    }
    bounds_->whole = &whole_;
    for (auto& each : cores_) each->start();
  }

  /// By the task, so that what one producer pushes keeps its order.
  std::size_t own_partition() const {
    // Spread by Fibonacci hashing: a route that lasts as long as the task needs no better one.
    return partition_of_hash(world_.current_task().value * 0x9E3779B97F4A7C15U, cores_.size());
  }

  template <class K, class V>
  std::size_t partition_of(const map_put<K, V>& record) const {
    return partition_of(record.key);
  }

  tl::expected<void, put_error> bad_partition(std::size_t asked) const {
    return tl::make_unexpected(put_error{put_problem::bad_partition, cores_.size(), asked});
  }

  template <class K, class Operation>
  auto at_key(const K& key, Operation&& operation) {
    const std::uint64_t hash = Table::hash_of(key);
    const std::size_t at = partition_of(key);
    decltype(operation(std::declval<typename partition_type::lease&>(), hash)) answer{};
    if (at >= cores_.size()) return answer;
    core_type& core = *cores_[at];
    {
      auto lease = core.enter(Table::shard_of_hash(hash, core.shard_count()));
      if (lease) answer = operation(lease, hash);
    }
    core.tell_room();
    return answer;
  }

  template <class Of>
  std::uint64_t sum(Of&& of) const {
    std::uint64_t all = 0;
    for (auto& each : cores_) all += of(*each);
    return all;
  }

  class all_partitions final : public buffer_detail::bounded_whole {
   public:
    explicit all_partitions(const std::vector<std::shared_ptr<core_type>>& cores) : cores_(cores) {}
    table_extent occupancy() const override {
      table_extent all;
      for (auto& each : cores_) all += each->occupancy();
      return all;
    }
    std::optional<table_extent> sure_occupancy() const override {
      table_extent all;
      for (auto& each : cores_) {
        const auto one = each->sure_occupancy();
        if (!one) return std::nullopt;
        all += *one;
      }
      return all;
    }
    void look_again() override {
      for (auto& each : cores_) {
        if (!each->sure_occupancy()) each->look_again();
      }
    }

   private:
    const std::vector<std::shared_ptr<core_type>>& cores_;
  };

  R& world_;
  const route_function<Table> route_;
  const std::shared_ptr<bounds_type> bounds_;
  std::vector<std::shared_ptr<core_type>> cores_;
  all_partitions whole_{cores_};
};

}  // namespace wavetank

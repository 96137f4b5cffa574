// A partition as its writers, its two tasks and those who flush or stop it share it.
//
// Everything but the writers' fast path is decided under one mutex, which is never held while the user's code runs.
// The `partition` task watches the clock: ticks, time-outs of the processor, tables that wait for a writer. The
// `processing` task calls the processor. Either is replaced by its own death; the flight of a table belongs to neither,
// so that the next task goes on where the last one was.
#pragma once

#include <wavetank/impl/buffer/batch_processor.h>
#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/buffer_listener.h>
#include <wavetank/impl/buffer/buffer_options.h>
#include <wavetank/impl/buffer/hand_over.h>
#include <wavetank/impl/buffer/partition_bounds.h>
#include <wavetank/impl/buffer/put_error.h>
#include <wavetank/impl/buffer/room_signal.h>
#include <wavetank/impl/buffer/stop_report.h>
#include <wavetank/impl/buffer/table_flight.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/buffer/table_lease.h>
#include <wavetank/impl/runtime.h>
#include <wavetank/impl/runtime/task_shelter.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
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
  using gate_type = table_gate<R, Table>;
  using frame = table_frame<R, Table>;
  using flight = table_flight<R, Table>;
  using phase = typename flight::phase;

  static tl::expected<void, option_error> check(const partition_options& options, const processor& to) {
    if (auto fault = validate(options); !fault) return fault;
    const bool whole = options.processing_batch_size == whole_table;
    const bool buries = options.on_failure == failure_policy::dead_letter;
    if (buries && !(whole ? to.dead_letter_table != nullptr : to.dead_letter != nullptr)) {
      return tl::make_unexpected(option_error{
          "on_failure", "is dead_letter: the processor must have a function for dead letters of this mode"});
    }
    if (whole ? to.table != nullptr : to.batch != nullptr) return {};
    return tl::make_unexpected(
        option_error{"processing_batch_size",
                     whole ? "is whole_table: it must be a number, as the processor has no `table` function"
                           : "is a number: it must be whole_table, as the processor has no `batch` function"});
  }

  partition_core(R& world, processor to, const partition_options& options, typename Table::options table,
                 buffer_listener* listener, std::size_t index,
                 std::shared_ptr<shared_bounds<R>> bounds = std::make_shared<shared_bounds<R>>())
      : world_(world),
        processor_(std::move(to)),
        listener_(listener),
        index_(index),
        gate_(std::move(table), options.shards, world.now()),
        hand_over_(gate_),
        bounds_(std::move(bounds)),
        options_(options) {
    R::label(mutex_, "partition's mutex");
    R::label(partition_wake_up_, "partition's task");
    R::label(processing_wake_up_, "processing task");
    R::label(progress_, "partition's progress");
    set_limits();
  }

  void start() {
    const std::lock_guard lock{mutex_};
    last_tick_ = world_.now();
    start_partition_task();
    if (listener_ != nullptr) listener_->started(index_);
  }

  // Writers ---------------------------------------------------------------------------------------------------------

  template <class Record>
  auto put(Record&& record, time_point deadline) {
    auto ready = prepare(std::forward<Record>(record));
    using result = decltype(std::declval<Table&>().insert(std::declval<lease&>(), std::move(ready)));
    using answer = tl::expected<result, put_error>;
    const std::size_t shard = shard_of(ready);
    for (;;) {
      // Relaxed: whoever sets a limit while puts are under way finds some of them without it.
      const bool limited = limited_.load(std::memory_order_relaxed);
      lease into = gate_.enter(shard, limited);
      if (!into) return answer{tl::unexpect, put_error{put_problem::closed}};
      if (!limited) [[likely]]
        return insert<answer>(into, std::move(ready));
      const table_extent growth = growth_of(into, ready);
      if (fits(growth)) {
        answer said = insert<answer>(into, std::move(ready));
        into.let_go();
        look_at_threshold();
        return said;
      }
      into.let_go();
      if (auto said = overflow<answer>(growth, shard, deadline)) return std::move(*said);
    }
  }

  lease enter(std::size_t shard) { return gate_.enter(shard, limited_.load(std::memory_order_relaxed)); }

  /// The shard of a task's own records.
  std::size_t own_shard() const { return world_.current_task().value & (gate_.shard_count() - 1); }

  // Control ---------------------------------------------------------------------------------------------------------

  /// Begins what a flush waits for.
  void begin_flush() {
    const std::lock_guard lock{mutex_};
    if (!stopping_ && gate_.size().records != 0) request_swap();
  }

  /// An operation under a lease has made the table smaller.
  void tell_room() { bounds_->room.tell(); }
  std::size_t shard_count() const noexcept { return gate_.shard_count(); }

  bool flush(time_point deadline) {
    std::unique_lock lock{mutex_};
    const std::uint64_t barrier = newest_generation_with_records();
    if (!stopping_ && barrier == gate_.current().generation) request_swap();
    while (!settled_up_to(barrier) && !stopped_) {
      if (deadline == time_point::max()) {
        progress_.wait(lock);
      } else if (deadline <= world_.now()) {
        return false;
      } else {
        progress_.wait_until(lock, deadline);
      }
    }
    return counts_.returned == 0;
  }

  /// Accepts nothing more and begins to process what is left. False: somebody did that before.
  bool begin_stop(time_point deadline) {
    const std::lock_guard lock{mutex_};
    if (std::exchange(stopping_, true)) return false;
    before_stop_ = counts_;
    hand_over_.close();
    bounds_->room.tell();
    if (!flight_ && deadline > world_.now()) take_next();
    return true;
  }

  report stop(time_point deadline) {
    const task_shelter<R> sheltered;  // whoever stops it does so to the end
    return begin_stop(deadline) ? finish_stop(deadline) : await_stop();
  }

  /// By whoever began it.
  report finish_stop(time_point deadline) {
    const task_shelter<R> sheltered;
    std::unique_lock lock{mutex_};
    report said;
    process_until(lock, deadline);
    const std::uint64_t failed_by_the_processor = counts_.failed;
    if (!is_drained()) give_back(lock, said.rest);
    said.drained = said.rest.empty() && counts_.failed == failed_by_the_processor;
    said.processor_stuck = call_.running;
    said.delivered = counts_.delivered - before_stop_.delivered;
    said.failed = counts_.failed - before_stop_.failed;
    stopped_ = true;
    progress_.notify_all();
    if (listener_ != nullptr) listener_->stopped(index_, said.drained ? "drained" : "deadline", said.drained);
    return said;
  }

  report await_stop() {
    std::unique_lock lock{mutex_};
    while (!stopped_) progress_.wait(lock);
    report said;
    said.already_stopped = true;
    return said;
  }

  void destroy() {
    const task_shelter<R> sheltered;
    stop(time_point::min());
    std::vector<typename R::task> tasks;
    {
      const std::lock_guard lock{mutex_};
      ended_ = true;
      partition_wake_up_.notify_all();
      processing_wake_up_.notify_all();
      tasks = std::move(tasks_);
    }
    for (auto& each : tasks) join(each);
  }

  tl::expected<void, option_error> check_update(const partition_options& options) const {
    if (auto fault = check(options, processor_); !fault) return fault;
    if (options.shards == gate_.shard_count()) return {};
    return tl::make_unexpected(option_error{
        "shards", "is " + std::to_string(options.shards) + ": it must stay " + std::to_string(gate_.shard_count())});
  }

  tl::expected<void, option_error> update_options(const partition_options& options) {
    if (auto fault = check_update(options); !fault) return fault;
    const std::lock_guard lock{mutex_};
    options_ = options;
    set_limits();
    if (!stopping_ && threshold_is_reached()) request_swap();
    partition_wake_up_.notify_one();
    bounds_->room.tell();
    return {};
  }

  partition_options options() const {
    const std::lock_guard lock{mutex_};
    return options_;
  }
  std::uint64_t buffer_size() const { return gate_.size().records; }
  std::uint64_t in_flight_size() const { return hand_over_.older().records; }
  bool stuck() const {
    const std::lock_guard lock{mutex_};
    return call_.stuck;
  }

  buffer_counts counts() {
    const std::lock_guard lock{mutex_};
    hand_over_.look_again();
    buffer_counts all = counts_;
    shard_tally tally = hand_over_.collected();
    gate_.add_current_tallies(tally);
    all.accepted += tally.accepted;
    all.superseded += tally.superseded;
    all.erased += tally.erased;
    all.dropped_oldest += tally.dropped_oldest;
    all.buffered = gate_.size().records;
    all.in_flight = hand_over_.older().records;
    all.late_retries = gate_.late_retries();
    return all;
  }

  /// Records and bytes that the bounds are about. The current table first: what becomes older in between is counted
  /// twice rather than not at all.
  table_extent occupancy() const noexcept {
    const table_extent now = gate_.size();
    table_extent all = hand_over_.older();
    all.records += now.records;
    all.bytes += now.bytes;
    return all;
  }

  /// To be called when the bounds that the partitions share have changed.
  void tell_limits() {
    const std::lock_guard lock{mutex_};
    set_limits();
  }

 private:
  using unique_lock = std::unique_lock<typename R::mutex>;

  /// How often it is looked whether a writer has left a table that waits for it: it does not tell.
  static constexpr std::chrono::milliseconds late_writer_poll{1};

  static constexpr std::string_view partition_name = "partition";
  static constexpr std::string_view processing_name = "processing";

  // Writers ---------------------------------------------------------------------------------------------------------

  template <class Record>
  auto prepare(Record&& record) const {
    if constexpr (requires { Table::prepare(gate_.options(), std::forward<Record>(record)); }) {
      return Table::prepare(gate_.options(), std::forward<Record>(record));
    } else {
      return std::remove_cvref_t<Record>(std::forward<Record>(record));
    }
  }
  template <class Ready>
  std::size_t shard_of(const Ready& ready) const {
    if constexpr (requires { Table::shard_of(ready, std::size_t{}); }) {
      return Table::shard_of(ready, gate_.shard_count());
    } else {
      return own_shard();
    }
  }
  template <class Ready>
  table_extent growth_of(lease& into, const Ready& ready) const {
    if constexpr (requires { into.table().growth(into, ready); }) {
      return into.table().growth(into, ready);
    } else {
      return {1, sizeof(entry)};
    }
  }
  template <class Answer, class Ready>
  static Answer insert(lease& into, Ready&& ready) {
    if constexpr (std::is_void_v<typename Answer::value_type>) {
      into.table().insert(into, std::forward<Ready>(ready));
      return {};
    } else {
      return into.table().insert(into, std::forward<Ready>(ready));
    }
  }

  /// Not sure of it while a table changes sides: its writers may be ahead of its count. `overflow` then looks again.
  bool fits(const table_extent& growth) const {
    const std::uint64_t moves = hand_over_.moves();
    return !exceeded(growth) && moves % 2 == 0 && hand_over_.moves() == moves;
  }

  std::optional<exceeded_bound> exceeded(const table_extent& growth) const {
    if (bounds_of_mine_.any()) {
      if (auto own = bounds_of_mine_.exceeded(occupancy(), growth)) return own;
    }
    return bounds_->exceeded(growth);
  }

  /// A bound is reached. None: there is room now, so try again.
  template <class Answer>
  std::optional<Answer> overflow(const table_extent& growth, std::size_t shard, time_point deadline) {
    unique_lock lock{mutex_};
    if (stopping_) return Answer{tl::unexpect, put_error{put_problem::closed}};
    // No table is published meanwhile, so that nothing is counted twice.
    const auto bound = exceeded(growth);
    if (!bound) return std::nullopt;
    if (bound->asked > bound->limit)
      return refuse<Answer>({put_problem::too_large, bound->limit, bound->asked}, growth);
    switch (options_.on_overflow) {
      case overflow_policy::reject:
      case overflow_policy::coalesce:
        return refuse<Answer>({put_problem::full, bound->limit}, growth);
      case overflow_policy::block:
        return wait_for_room<Answer>(lock, growth, deadline);
      case overflow_policy::drop_newest:
        return drop_newest<Answer>(growth);
      case overflow_policy::drop_oldest:
        lock.unlock();
        if (drop_oldest(growth, shard)) return std::nullopt;
        lock.lock();
        return drop_newest<Answer>(growth);
    }
    return std::nullopt;
  }

  template <class Answer>
  Answer refuse(const put_error& why, const table_extent& growth) {
    counts_.rejected += growth.records;
    if (listener_ != nullptr) listener_->dropped(index_, drop_reason::rejected, growth.records);
    return Answer{tl::unexpect, why};
  }
  template <class Answer>
  Answer drop_newest(const table_extent& growth) {
    counts_.accepted += growth.records;
    counts_.dropped_newest += growth.records;
    if (listener_ != nullptr) listener_->dropped(index_, drop_reason::newest, growth.records);
    return Answer{};
  }

  template <class Answer>
  std::optional<Answer> wait_for_room(unique_lock& lock, const table_extent& growth, time_point deadline) {
    typename room_signal<R>::ticket waiting{bounds_->room};
    const auto bound = exceeded(growth);
    if (!bound) return std::nullopt;
    request_swap();
    lock.unlock();
    if (waiting.wait(world_, deadline)) return std::nullopt;
    lock.lock();
    return refuse<Answer>({put_problem::deadline, bound->limit}, growth);
  }

  /// True: there is room now. False: there is nothing left to drop, or the table kind drops nothing.
  bool drop_oldest(const table_extent& growth, std::size_t shard) {
    std::uint64_t dropped = 0;
    const std::size_t shards = gate_.shard_count();
    for (std::size_t i = 0; i < shards && exceeded(growth); ++i) {
      lease from = gate_.enter((shard + i) & (shards - 1), true);
      if (!from) break;
      dropped += drop_oldest_of(from, growth);
    }
    if (dropped != 0 && listener_ != nullptr) listener_->dropped(index_, drop_reason::oldest, dropped);
    return !exceeded(growth);
  }
  std::uint64_t drop_oldest_of(lease& from, const table_extent& growth) const {
    std::uint64_t dropped = 0;
    if constexpr (requires { from.table().drop_oldest(from); }) {
      while (exceeded(growth) && from.table().drop_oldest(from)) {
        from.tell_size();
        ++dropped;
      }
    }
    return dropped;
  }

  void look_at_threshold() {
    // Sequentially consistent, after this writer told its size. Whoever takes up a noted swap first takes back the note
    // and then publishes: a writer that still sees it has its record in the table that will go.
    if (swap_noted_.load(std::memory_order_seq_cst) || !threshold_is_reached()) return;
    const std::lock_guard lock{mutex_};
    if (!stopping_ && threshold_is_reached()) request_swap();
  }
  bool threshold_is_reached() const noexcept {
    const std::uint64_t threshold = threshold_.load(std::memory_order_relaxed);
    return threshold != unbounded && gate_.size().records >= threshold;
  }

  void set_limits() noexcept {
    bounds_of_mine_.set(options_.max_records, options_.max_bytes);
    threshold_.store(options_.drain_threshold.value_or(unbounded), std::memory_order_relaxed);
    const bool any = bounds_of_mine_.any() || bounds_->all.any() || options_.drain_threshold;
    limited_.store(any, std::memory_order_relaxed);
  }

  // Swaps -----------------------------------------------------------------------------------------------------------

  /// Now, or when the table in flight is done.
  void request_swap() {
    if (flight_) {
      swap_noted_.store(true, std::memory_order_seq_cst);
    } else {
      swap();
    }
  }

  void swap() {
    swap_noted_.store(false, std::memory_order_seq_cst);
    if (gate_.size().records != 0) {
      if (gate_.has_free_table()) {
        hand_over_.publish(world_.now());
      } else {
        swap_noted_.store(true, std::memory_order_seq_cst);  // until a writer leaves
      }
    }
    take_next();
  }

  /// What can be processed goes into flight. Nothing is in flight.
  void take_next() {
    const time_point asked = world_.now();
    frame* const next = hand_over_.take(asked);
    if (hand_over_.waits()) partition_wake_up_.notify_one();
    if (next == nullptr) return progress_.notify_all();  // what a flush waits for may have been empty
    flight_.emplace();
    flight_->table = next;
    flight_->options = options_;
    flight_->number = ++flights_;
    flight_->left = next->counted;
    flight_->began = asked;
    if (listener_ != nullptr) {
      const time_point now = world_.now();
      listener_->processing_started(index_, next->counted.records, now - asked, now - next->opened_at);
    }
    if (!processing_lives_) start_processing_task();
    processing_wake_up_.notify_one();
  }

  /// The flight is over: what was noted meanwhile, or could not be handed over.
  void go_on() {
    if (hand_over_.waits() && !gives_back_) take_next();
    if (!flight_ && !stopping_ && swap_noted_.load(std::memory_order_relaxed)) swap();
    progress_.notify_all();
  }

  // The processing task ---------------------------------------------------------------------------------------------

  void start_processing_task() {
    if (ended_) return;
    processing_lives_ = true;
    tasks_.push_back(world_.spawn(processing_name, [self = this->shared_from_this()] { self->process(); }));
  }

  void process() {
    unique_lock lock{mutex_};
    try {
      while (!ended_) {
        if (!flight_ || gives_dead_letter_) {
          processing_wake_up_.wait(lock);
        } else if (flight_->at == phase::emptying) {
          empty(lock);
        } else if (flight_->at != phase::has_batch) {
          next_batch(lock);
        } else if (flight_->not_before > world_.now()) {
          processing_wake_up_.wait_until(lock, flight_->not_before);
        } else {
          call(lock);
        }
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      processing_lives_ = false;
      if (call_.running) returned(lock, processing_failure::task_died, "the processing task ended");
      replace_task([this] { start_processing_task(); });
      throw;
    }
  }

  void next_batch(unique_lock& lock) {
    flight& f = *flight_;
    f.at = phase::preparing;
    if (f.is_whole()) {
      give_away(*f.table);
      f.batch_extent = f.left;
    } else {
      lock.unlock();
      f.batch = f.table->table.next_batch(f.cursor, f.options.processing_batch_size);
      f.batch_extent = {f.batch.size(), 0};
      if constexpr (requires { f.table->table.bytes_of(f.batch); }) {
        if (f.left.bytes != 0) f.batch_extent.bytes = std::min(f.left.bytes, f.table->table.bytes_of(f.batch));
      }
      lock.lock();
    }
    f.attempt = 1;
    f.not_before = time_point::min();
    f.at = f.batch_extent.records == 0 ? phase::emptying : phase::has_batch;
    if (stopping_) progress_.notify_all();
  }

  /// The processor may keep it: it cannot be recycled.
  void give_away(frame& of) {
    const auto elders = gate_.lock_elders();
    if (of.given_away == nullptr) of.given_away = std::make_shared<Table>(std::move(of.table));
  }

  void call(unique_lock& lock) {
    flight& f = *flight_;
    if (call_.settled) call_.stop = typename R::stop_source{};  // that of a call which was asked to stop
    call_.running = true;
    call_.settled = false;
    call_.deadline = world_.now() + f.options.processing_timeout;
    if (call_.deadline < partition_sleeps_until_) partition_wake_up_.notify_one();
    const processing_context<R> context{index_, f.number, f.attempt, call_.stop.get_token()};
    lock.unlock();
    std::optional<std::string> thrown;
    try {
      R::point("a batch is handed to the processor");
      if (f.is_whole()) {
        processor_.table(f.table->given_away, context);
      } else {
        processor_.batch(f.batch, context);
      }
      R::point("the processor has returned");
    } catch (const std::exception& one) {
      thrown = one.what();
    }
    if (!thrown) remember(f);
    lock.lock();
    if (thrown) {
      returned(lock, processing_failure::threw, *thrown);
    } else {
      returned(lock, std::nullopt, {});
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
  void returned(unique_lock& lock, std::optional<processing_failure> failure, std::string_view text) {
    call_.running = false;
    if (call_.settled) {
      if (std::exchange(call_.stuck, false) && listener_ != nullptr) listener_->stuck(index_, false);
      if (flight_->given_back) flight_->at = phase::emptying;
    } else if (failure) {
      fail(lock, *failure, text);
    } else {
      counts_.delivered += flight_->batch_extent.records;
      settle_batch();
    }
  }

  void settle_batch() {
    flight& f = *flight_;
    f.left.records -= f.batch_extent.records;
    f.left.bytes -= f.batch_extent.bytes;
    hand_over_.settled(f.batch_extent);
    f.at = f.is_whole() ? phase::emptying : phase::needs_batch;
    bounds_->room.tell();
  }

  /// A call has failed: the batch goes by policy.
  void fail(unique_lock& lock, processing_failure why, std::string_view text) {
    flight& f = *flight_;
    if (listener_ != nullptr) listener_->processing_failed(index_, why, f.batch_extent.records, text);
    if (is_retried(f, why)) return f.back_off(world_.now());
    if (f.options.on_failure == failure_policy::dead_letter) give_dead_letter(lock);
    count_failed();
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

  void give_dead_letter(unique_lock& lock) {
    gives_dead_letter_ = true;
    lock.unlock();
    try {
      hand_over_dead_letter();
    } catch (...) {  // this task is being ended in it
      const task_shelter<R> sheltered;
      lock.lock();
      gives_dead_letter_ = false;
      count_failed();
      processing_wake_up_.notify_one();
      throw;
    }
    lock.lock();
    gives_dead_letter_ = false;
    processing_wake_up_.notify_one();
    progress_.notify_all();
  }
  void hand_over_dead_letter() {
    flight& f = *flight_;
    try {
      if (f.is_whole()) {
        processor_.dead_letter_table(f.table->given_away);
      } else {
        processor_.dead_letter(f.batch);
      }
    } catch (const std::exception& one) {
      world_.log(log_level::error, std::string{"buffer: the dead-letter function threw: "} + one.what());
    }
  }

  /// All batches are settled.
  void empty(unique_lock& lock) {
    flight& f = *flight_;
    hand_over_.forget(*f.table);
    lock.unlock();
    if (f.table->given_away == nullptr) f.table->table.clear();
    lock.lock();
    gate_.recycle(*f.table);
    hand_over_.settled(f.left);  // bytes, where the kind cannot tell those of a batch
    if (listener_ != nullptr) {
      listener_->processing_finished(index_, f.table->counted.records, world_.now() - f.began);
    }
    flight_.reset();
    go_on();
  }

  // The partition's task --------------------------------------------------------------------------------------------

  /// An exception that ended the task was told when its call failed.
  static void join(typename R::task& ended) {
    try {
      ended.join();
    } catch (...) {  // of a processor
    }
  }

  void start_partition_task() {
    if (ended_) return;
    tasks_.push_back(world_.spawn(partition_name, [self = this->shared_from_this()] { self->watch(); }));
  }

  template <class Start>
  void replace_task(Start&& start) {
    if (ended_) return;
    if (listener_ != nullptr) listener_->restarted(index_);
    start();
  }

  void watch() {
    unique_lock lock{mutex_};
    try {
      while (!ended_) {
        const time_point now = world_.now();
        if (call_.running && !call_.settled && call_.deadline <= now) {
          time_out(lock);
          continue;
        }
        if (!stopping_ && next_tick() <= now) tick(now);
        if (polls_late_writers()) go_on();
        partition_sleeps_until_ = next_event(now);
        if (partition_sleeps_until_ == time_point::max()) {
          partition_wake_up_.wait(lock);
        } else {
          partition_wake_up_.wait_until(lock, partition_sleeps_until_);
        }
      }
    } catch (...) {
      const task_shelter<R> sheltered;
      if (!lock.owns_lock()) lock.lock();
      replace_task([this] { start_partition_task(); });
      throw;
    }
  }

  time_point next_tick() const noexcept { return last_tick_ + options_.processing_interval; }

  void tick(time_point now) {
    const auto missed = (now - last_tick_) / options_.processing_interval;
    last_tick_ += missed * options_.processing_interval;
    request_swap();
  }

  /// Whoever stops the partition does it then.
  bool polls_late_writers() const noexcept { return !stopping_ && !flight_ && hand_over_.waits(); }

  time_point next_event(time_point now) const noexcept {
    time_point next = stopping_ ? time_point::max() : next_tick();
    if (call_.running && !call_.settled) next = std::min(next, call_.deadline);
    if (polls_late_writers()) next = std::min<time_point>(next, now + late_writer_poll);
    return next;
  }

  /// The call goes on, but nobody waits for it: only the next one does.
  void time_out(unique_lock& lock) {
    const auto stop = call_.stop;
    call_.settled = call_.stuck = true;
    if (listener_ != nullptr) listener_->stuck(index_, true);
    fail(lock, processing_failure::timed_out, "no return within processing_timeout");
    lock.unlock();
    stop.request_stop();
    lock.lock();
  }

  // Flush and stop --------------------------------------------------------------------------------------------------

  std::uint64_t newest_generation_with_records() {
    const std::uint64_t newest = gate_.current().generation;
    return stopping_ || gate_.size().records != 0 ? newest : newest - 1;
  }
  bool settled_up_to(std::uint64_t generation) {
    // An erasure may have emptied the current table, which is not published over then.
    return (stopping_ || gate_.current().generation > generation || gate_.size().records == 0) &&
           (!hand_over_.waits() || hand_over_.oldest_waiting() > generation) &&
           (!flight_ || flight_->table->oldest_generation > generation);
  }

  bool is_drained() const noexcept { return !flight_ && !hand_over_.waits(); }

  void process_until(unique_lock& lock, time_point deadline) {
    for (;;) {
      if (is_drained() || deadline <= world_.now()) return;
      if (!flight_) take_next();
      if (is_drained()) return;
      const time_point poll = flight_ ? time_point::max() : world_.now() + late_writer_poll;
      if (const time_point until = std::min(deadline, poll); until == time_point::max()) {
        progress_.wait(lock);
      } else {
        progress_.wait_until(lock, until);
      }
    }
  }

  void give_back(unique_lock& lock, std::vector<entry>& rest) {
    gives_back_ = true;
    while (gives_dead_letter_ || (flight_ && (flight_->at == phase::preparing || flight_->at == phase::emptying))) {
      progress_.wait(lock);
    }
    if (flight_) give_back_flight(lock, rest);
    while (hand_over_.waits()) {
      if (frame* const next = hand_over_.take(world_.now())) {
        typename Table::cursor from_the_start;
        give_back_rest(next->table, from_the_start, next->counted, rest);
        hand_over_.done(*next);
      } else if (hand_over_.waits()) {  // writers are inside: not for long
        lock.unlock();
        world_.sleep_until(world_.now() + late_writer_poll);
        lock.lock();
      }
    }
  }

  void give_back_flight(unique_lock& lock, std::vector<entry>& rest) {
    flight& f = *flight_;
    std::optional<typename R::stop_source> asked;
    if (call_.running && !std::exchange(call_.settled, true)) asked = call_.stop;
    // What the processor sees, or may have kept, is not given back.
    if (f.at == phase::has_batch && (call_.running || (f.is_whole() && f.attempt > 1))) {
      if (listener_ != nullptr) {
        listener_->processing_failed(index_, processing_failure::stopped, f.batch_extent.records, "stop");
      }
      count_failed();
    }
    if (f.is_whole()) {
      if (f.table->given_away == nullptr || f.at == phase::has_batch) {
        Table& whole = f.table->given_away == nullptr ? f.table->table : *f.table->given_away;
        give_back_rest(whole, f.cursor, f.left, rest);
      }
    } else {
      if (f.at == phase::has_batch) give_back_batch(f, rest);
      give_back_rest(f.table->table, f.cursor, f.left, rest);
    }
    f.left = {};
    f.given_back = true;
    f.at = phase::emptying;
    if (!call_.running) {
      hand_over_.done(*f.table);
      flight_.reset();
    }
    if (!asked) return;
    lock.unlock();
    asked->request_stop();
    lock.lock();
  }

  /// A batch that nobody sees. The entries are not const themselves.
  void give_back_batch(flight& f, std::vector<entry>& rest) {
    const auto elders = gate_.lock_elders();
    for (const entry& one : f.batch) rest.push_back(std::move(const_cast<entry&>(one)));
    counts_.returned += f.batch.size();
    f.left.records -= f.batch_extent.records;
    f.left.bytes -= f.batch_extent.bytes;
    hand_over_.settled(f.batch_extent);
  }
  void give_back_rest(Table& from, typename Table::cursor& at, const table_extent& left, std::vector<entry>& rest) {
    const auto elders = gate_.lock_elders();  // writers that are still inside may look through it
    std::vector<entry> some = from.take_rest(at);
    assert(some.size() == left.records);
    counts_.returned += some.size();
    hand_over_.settled(left);
    std::move(some.begin(), some.end(), std::back_inserter(rest));
  }

  R& world_;
  const processor processor_;
  buffer_listener* const listener_;
  const std::size_t index_;
  gate_type gate_;
  hand_over<R, Table> hand_over_;
  const std::shared_ptr<shared_bounds<R>> bounds_;
  extent_bounds<R> bounds_of_mine_;
  // What every writer reads, on a cache line that is seldom written.
  alignas(64) typename R::template atomic<bool> limited_{false};  ///< there are bounds or a threshold
  typename R::template atomic<std::uint64_t> threshold_{unbounded};
  typename R::template atomic<bool> swap_noted_{false};  ///< written under the mutex

  // Guarded by the mutex.
  alignas(64) mutable typename R::mutex mutex_;
  partition_options options_;
  buffer_counts counts_;  ///< but for what is in the tallies and the tables
  buffer_counts before_stop_;
  bool stopping_ = false;
  bool gives_back_ = false;  ///< `stop` has come to its deadline: no table goes into flight any more
  bool stopped_ = false;
  bool ended_ = false;
  bool processing_lives_ = false;
  bool gives_dead_letter_ = false;  ///< the batch in flight belongs to the dead-letter function
  std::optional<flight> flight_;
  std::uint64_t flights_ = 0;
  processor_call<R> call_;
  time_point last_tick_{};
  time_point partition_sleeps_until_ = time_point::max();
  std::vector<typename R::task> tasks_;
  typename R::condition_variable partition_wake_up_;
  typename R::condition_variable processing_wake_up_;
  typename R::condition_variable progress_;
};

}  // namespace wavetank::buffer_detail

// The current table of a partition, its writers, and the tables before it that are not done with.
//
// Writers meet the drainer in two places alone: the word that says which table is current, and the words of the shards
// (shard_gate.h). Tables come from a fixed number of slots and go back to them.
#pragma once

#include <wavetank/impl/buffer/shard_gate.h>
#include <wavetank/impl/buffer/shard_view.h>
#include <wavetank/impl/buffer/table_frame.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace wavetank {

template <runtime R, table_kind Table>
class table_lease;

namespace buffer_detail {

/// What a table kind without a memory remembers.
struct no_memory {};
template <class Table>
struct memory_of {
  using type = no_memory;
  static type make(const typename Table::options&) { return {}; }
};
template <class Table>
requires requires { typename Table::memory; }
struct memory_of<Table> {
  using type = typename Table::memory;
  static type make(const typename Table::options& how) { return Table::make_memory(how); }
};

/// Polls of a wait that lasts as long as a writer's operation.
template <runtime R>
void relax(unsigned polls) {
  if constexpr (R::spin_limit > 0) {
    R::relax(polls);
  } else {
    R::relax();
  }
}

/// Writers may call `enter` and what is called through a lease; everything else belongs to the drainer, which is
/// serialised by its partition's mutex.
template <runtime R, table_kind Table>
class table_gate {
 public:
  using frame = table_frame<R, Table>;
  using view = shard_view<R, Table>;
  using time_point = typename R::time_point;
  using table_options = typename Table::options;
  /// One current, one in flight; the others are for tables that wait for a writer which stalls in them.
  static constexpr std::uint32_t max_tables = 16;

  table_gate(table_options options, std::size_t shards, time_point now)
      : options_(std::move(options)), shards_(shards), memory_(memory_of<Table>::make(options_)) {
    R::label(current_, "current table");
    frame& first = *take_free();
    open(first, 1, now);
    current_.store(of(first), std::memory_order_release);
  }
  table_gate(const table_gate&) = delete;
  table_gate& operator=(const table_gate&) = delete;

  // Writers ---------------------------------------------------------------------------------------------------------

  /// The shard of the current table, to be written by the caller alone; empty when the gate is closed. Waits, polling,
  /// for another writer of the shard. `exact`: the shard's size is told to others in the order of bounds.
  table_lease<R, Table> enter(view& at, bool exact) { return lease_of(enter_shard(at), exact); }
  table_lease<R, Table> enter(std::size_t shard, bool exact) {
    view at{shard};
    const std::uint64_t seen = look_at_current();
    return find(at, seen) ? lease_of(enter_found(at, seen), exact) : table_lease<R, Table>{};
  }

  /// Calls `look(table)` for each table before that of `generation` that is not done with, the
  /// newest first, until it answers true. The caller holds the same shard of that generation.
  template <class Look>
  void look_through(std::uint64_t generation, std::size_t shard, Look&& look) {
    // Relaxed: a table becomes an elder before the next one is published, which the caller has acquired.
    if (elder_count_.load(std::memory_order_relaxed) == 0) return;
    for (unsigned polls = 0; !try_look_through(generation, shard, look); ++polls) relax<R>(polls);
  }

  template <class Look>
  auto remembered(Look&& look) -> decltype(look(std::declval<typename memory_of<Table>::type&>())) {
    if (!memory_.enabled()) return {};
    const std::lock_guard lock{memory_mutex_};
    return look(std::as_const(memory_));
  }

  /// By a writer that has told its shard's size and holds the shard yet. If another table has become current, the
  /// drainer may have counted this one before.
  void tell_if_late(std::uint64_t generation) noexcept {
    const std::uint64_t seen = current_.load(std::memory_order_seq_cst);
    if (generation_of(seen) != generation) late_sizes_.fetch_add(1, std::memory_order_seq_cst);
  }
  /// How often a size was told late.
  std::uint64_t late_sizes() const noexcept { return late_sizes_.load(std::memory_order_seq_cst); }

  std::uint64_t late_retries() const noexcept { return late_retries_.load(std::memory_order_relaxed); }
  std::size_t shard_count() const noexcept { return shards_; }
  const table_options& options() const noexcept { return options_; }

  /// Sizes of the current table. Sequentially consistent: a writer that is inside has registered before it looks here,
  /// and tells its own size before it leaves, so that of those who look from now on each sees all but one record a
  /// shard.
  table_extent size() const noexcept {
    const std::uint64_t seen = current_.load(std::memory_order_seq_cst);
    return seen == closed ? table_extent{} : size_of(*frames_[slot_of(seen)]);
  }

  // The drainer -----------------------------------------------------------------------------------------------------

  table_extent size_of(const frame& of) const noexcept {
    table_extent all;
    for (std::size_t s = 0; s < shards_; ++s) {
      all.records += of.shards[s].records.load(std::memory_order_seq_cst);
      all.bytes += of.shards[s].bytes.load(std::memory_order_seq_cst);
    }
    return all;
  }

  frame& current() noexcept { return *frames_[current_slot_]; }
  bool has_free_table() const noexcept { return !free_.empty() || made_ < max_tables; }

  /// What the writers of the current table did so far.
  void add_current_tallies(shard_tally& to) const noexcept {
    if (current_.load(std::memory_order_relaxed) != closed) frames_[current_slot_]->add_open_tallies(to);
  }

  /// Makes a fresh table the current one and the one before it the newest elder. From now on nobody begins to write
  /// there. Needs a free table.
  frame& publish(time_point now) {
    frame& before = current();
    frame& fresh = *take_free();
    open(fresh, before.generation + 1, now);
    add_elder(before);
    // Sequentially consistent, before the looks at the shards: see `try_enter`. Release, which that includes, for what
    // is in the fresh table.
    current_.store(of(fresh), std::memory_order_seq_cst);
    return before;
  }

  /// The same without a fresh table: nobody enters any more.
  frame& close() {
    frame& before = current();
    add_elder(before);
    current_.store(closed, std::memory_order_seq_cst);
    return before;
  }

  /// Closes what no writer is in, and adds what its writers did. True: all of it, and the table is the drainer's alone.
  bool try_close(frame& old, shard_tally& to) {
    bool all = true;
    for (std::size_t s = 0; s < shards_; ++s) all = try_close(old, old.shards[s], to) && all;
    return all;
  }

  /// Before what was delivered can no longer be found by looking through.
  template <class Visit>
  void remember(Visit&& each_delivered) {
    if constexpr (requires { typename Table::memory; }) {
      if (!memory_.enabled()) return;
      const std::lock_guard lock{memory_mutex_};
      each_delivered([&](const auto& entry) { Table::remember(memory_, entry); });
    }
  }

  /// For what changes an elder under the eyes of those who look through.
  std::unique_lock<typename R::mutex> lock_elders() { return std::unique_lock{elders_mutex_}; }

  /// For what is gathered from elders; nobody enters it.
  frame* take_free_table(std::uint64_t generation, time_point now) {
    if (!has_free_table()) return nullptr;
    frame& taken = *take_free();
    taken.generation = generation;
    for (std::size_t s = 0; s < shards_; ++s) close_for_gathering(taken.shards[s], generation);
    taken.opened_at = now;
    taken.counted = {};
    return &taken;
  }

  /// Puts a table that was gathered from elders in the place of the oldest.
  void add_oldest_elder(frame& gathered) {
    elders_.insert(elders_.begin(), &gathered);
    elder_count_.fetch_add(1, std::memory_order_relaxed);
  }
  /// With the elders locked.
  void remove_elder(frame& done) {
    elders_.erase(std::find(elders_.begin(), elders_.end(), &done));
    elder_count_.fetch_sub(1, std::memory_order_relaxed);
  }

  /// An emptied table that is no elder any more.
  void recycle(frame& empty) {
    if (empty.given_away != nullptr) {
      empty.given_away.reset();
      empty.table = Table::make(options_, shards_);
    }
    free_.push_back(&empty);
  }

 private:
  static constexpr std::uint64_t closed = ~std::uint64_t{0};
  static constexpr std::uint32_t slot_of(std::uint64_t word) noexcept { return word & 0xFFU; }
  static constexpr std::uint64_t generation_of(std::uint64_t word) noexcept { return word >> 8U; }
  static std::uint64_t of(const frame& f) noexcept { return f.generation << 8U | f.slot; }

  using shard_type = typename frame::shard;
  using entrance = typename shard_gate<R>::entry;

  /// Acquire: what was made ready before the publication is seen.
  std::uint64_t look_at_current() const noexcept { return current_.load(std::memory_order_acquire); }

  /// False: the gate is closed.
  bool find(view& at, std::uint64_t seen) const noexcept {
    if (seen == closed) return false;
    at.current = seen;
    assert(shards_of_[slot_of(seen)] != nullptr);  // no table's word is 0
    at.mine = &shards_of_[slot_of(seen)][at.shard];
    return true;
  }
  entrance try_enter(shard_type& mine, std::uint64_t seen) noexcept {
    const std::uint64_t generation = generation_of(seen);
    const entrance said = mine.gate.try_hold(generation);
    if (said == entrance::held) [[likely]] {
      // Sequentially consistent, after the registration and against `publish`. Say the drainer has published the next
      // table. If it then looked at this shard's word before this registration, it has closed the shard, and there was
      // none, or it saw a writer before this one, and this load comes after the publication in the one order of all
      // such operations. If it looked after, it has seen this writer.
      if (current_.load(std::memory_order_seq_cst) == seen) [[likely]]
        return said;
      mine.gate.let_go(generation);
    }
    if (said == entrance::busy) return said;
    count_late_retry();
    return entrance::gone;
  }

  /// Nothing: the gate is closed.
  shard_type* enter_shard(view& at) {
    const std::uint64_t seen = look_at_current();
    if (seen != at.current) [[unlikely]]
      return find_and_enter(at, seen);
    return enter_found(at, seen);
  }
  shard_type* enter_found(view& at, std::uint64_t seen) {
    shard_type& mine = *at.mine;
    const entrance said = try_enter(mine, seen);
    return said == entrance::held ? &mine : wait_to_enter(at, said);
  }
  [[gnu::noinline]] shard_type* find_and_enter(view& at, std::uint64_t seen) {
    return find(at, seen) ? enter_found(at, seen) : nullptr;
  }
  [[gnu::noinline]] shard_type* wait_to_enter(view& at, entrance said) {
    for (unsigned polls = 0; said != entrance::held; said = try_enter(*at.mine, at.current)) {
      if (said == entrance::busy) relax<R>(polls++);
      if (!find(at, look_at_current())) return nullptr;
    }
    return at.mine;
  }
  static table_lease<R, Table> lease_of(shard_type* held, bool exact) noexcept {
    if (held == nullptr) [[unlikely]]
      return {};
    return {*held, exact};
  }

  frame* take_free() {
    if (free_.empty()) {
      assert(made_ < max_tables);
      frames_[made_] = std::make_unique<frame>(*this, Table::make(options_, shards_), shards_, made_);
      shards_of_[made_] = frames_[made_]->shards.get();
      return frames_[made_++].get();
    }
    frame* const taken = free_.back();
    free_.pop_back();
    return taken;
  }

  void open(frame& fresh, std::uint64_t generation, time_point now) {
    fresh.generation = fresh.oldest_generation = generation;
    fresh.opened_at = now;
    fresh.counted = {};
    for (std::size_t s = 0; s < shards_; ++s) {
      auto& one = fresh.shards[s];
      one.clear();
      one.quiet = one.gone = false;
      one.gate.open(generation);
    }
    current_slot_ = fresh.slot;
  }

  static bool try_close(const frame& in, shard_type& one, shard_tally& to) {
    if (one.quiet) return true;
    if (!one.gate.try_close(in.generation)) return false;
    R::write(one.content);
    // What the kind told of its operations.
    assert(one.records.load(std::memory_order_relaxed) == in.table.size(one.index));
    one.quiet = true;
    to += one.tally();
    return true;
  }

  static void close_for_gathering(typename frame::shard& one, std::uint64_t generation) {
    one.gate.close(generation);
    one.quiet = true;
    one.gone = false;
    one.clear();
  }

  void add_elder(frame& old) {
    const std::lock_guard lock{elders_mutex_};
    elders_.push_back(&old);
    elder_count_.fetch_add(1, std::memory_order_relaxed);
  }

  /// False: a writer is in one of the tables that have to be looked at.
  template <class Look>
  bool try_look_through(std::uint64_t generation, std::size_t shard, Look& look) {
    const std::lock_guard lock{elders_mutex_};
    for (auto at = elders_.rbegin(); at != elders_.rend(); ++at) {
      frame& elder = **at;
      if (elder.generation >= generation) continue;
      // Not by `quiet`, which is the drainer's: it has not collected what was written here.
      if (!elder.shards[shard].gate.try_close(elder.generation)) return false;
      if (look(elder.contents())) return true;
    }
    return true;
  }

  /// Relaxed: a number for people.
  void count_late_retry() noexcept { late_retries_.fetch_add(1, std::memory_order_relaxed); }

  const table_options options_;
  const std::size_t shards_;
  alignas(64) typename R::template atomic<std::uint64_t> current_{0};
  /// Both are written before the generation that first uses a slot is published, and never again.
  std::array<typename frame::shard*, max_tables> shards_of_{};
  std::array<std::unique_ptr<frame>, max_tables> frames_;
  alignas(64) typename R::template atomic<std::uint64_t> late_retries_{0};
  typename R::template atomic<std::uint64_t> late_sizes_{0};
  std::uint32_t made_ = 0;
  std::uint32_t current_slot_ = 0;
  std::vector<frame*> free_;
  typename R::mutex memory_mutex_;
  typename memory_of<Table>::type memory_;
  typename R::mutex elders_mutex_;
  std::vector<frame*> elders_;  ///< by generation
  typename R::template atomic<std::uint64_t> elder_count_{0};
};

}  // namespace buffer_detail
}  // namespace wavetank

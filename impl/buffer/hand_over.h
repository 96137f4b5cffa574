// From the current table to the one that is processed: publishing, waiting for writers, gathering what came late.
//
// A table that was published over is the drainer's once no writer is in it. A writer that stalls keeps one shard of one
// table; the rest goes on, and that shard follows when it is quiet, together with what was written to the same shard
// since, so that the order within a shard is kept.
#pragma once

#include <wavetank/impl/buffer/buffer_counts.h>
#include <wavetank/impl/buffer/table_gate.h>
#include <wavetank/impl/runtime.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// Serialised by the partition's mutex, but for the sizes.
template <runtime R, table_kind Table>
class hand_over {
 public:
  using gate_type = table_gate<R, Table>;
  using frame = table_frame<R, Table>;
  using time_point = typename R::time_point;

  explicit hand_over(gate_type& gate) : gate_(gate) {}

  /// Records and bytes of all tables but the current one, until they are settled. Sequentially consistent, as are the
  /// sizes of the current one.
  table_extent older() const noexcept {
    return {records_.load(std::memory_order_seq_cst), bytes_.load(std::memory_order_seq_cst)};
  }
  /// Odd while what is written to a table that was just published over is not counted yet: sizes that were read between
  /// two equal even numbers miss no table.
  std::uint64_t moves() const noexcept { return moves_.load(std::memory_order_seq_cst); }
  /// What writers have told of tables that were published over under them is part of `older`, from now on.
  bool counts_late_writers() const noexcept {
    return late_counted_.load(std::memory_order_seq_cst) == gate_.late_sizes();
  }

  void settled(const table_extent& some) noexcept {
    records_.fetch_sub(some.records, std::memory_order_seq_cst);
    bytes_.fetch_sub(some.bytes, std::memory_order_seq_cst);
  }

  /// Tables wait for their writers.
  bool waits() const noexcept { return !waiting_.empty(); }
  /// The oldest generation that waits; only if one does.
  std::uint64_t oldest_waiting() const noexcept { return waiting_.front()->oldest_generation; }

  /// A fresh table becomes current. Needs a free one. What is in the old one counts as older before anybody can find
  /// the fresh one empty.
  void publish(time_point now) {
    wait_for(gate_.current(), [&]() -> frame& { return gate_.publish(now); });
  }
  void close() {
    wait_for(gate_.current(), [&]() -> frame& { return gate_.close(); });
  }

  /// What can be processed now, as one table; nullptr if that is nothing. It stays an elder until `done`.
  frame* take(time_point now) {
    if (waiting_.empty()) return nullptr;
    const bool quiet = look_again();
    if (quiet && waiting_.size() == 1) {
      frame& only = *waiting_.front();
      waiting_.clear();
      if (gate_.size_of(only).records != 0) return &only;
      done(only);
      return nullptr;
    }
    return gather(now);
  }

  /// The table is processed and can be used again.
  void done(frame& old) {
    forget(old);
    if (old.given_away == nullptr) old.table.clear();
    gate_.recycle(old);
  }
  /// The first half of it: nobody looks at the table any more.
  void forget(frame& old) {
    const auto lock = gate_.lock_elders();
    gate_.remove_elder(old);
  }

  /// What writers did so far, in all tables.
  shard_tally tally() const noexcept {
    shard_tally all = collected_;
    for (const frame* const each : waiting_) each->add_open_tallies(all);
    gate_.add_current_tallies(all);
    return all;
  }

  /// Closes what writers have left since, so that it is collected, and counts it. True: nobody is inside.
  bool look_again() {
    const std::uint64_t late = gate_.late_sizes();
    bool quiet = true;
    for (frame* const each : waiting_) quiet = close_shards(*each) && quiet;
    late_counted_.store(late, std::memory_order_seq_cst);
    if (std::exchange(moving_, false)) moves_.fetch_add(1, std::memory_order_seq_cst);
    return quiet;
  }

 private:
  template <class Publish>
  void wait_for(frame& old, Publish&& publish) {
    if (!std::exchange(moving_, true)) moves_.fetch_add(1, std::memory_order_seq_cst);
    old.counted = gate_.size_of(old);
    add(old.counted);
    publish();
    waiting_.push_back(&old);
  }

  /// Modulo 2^64: `some` may be a difference below 0.
  void add(const table_extent& some) noexcept {
    records_.fetch_add(some.records, std::memory_order_seq_cst);
    bytes_.fetch_add(some.bytes, std::memory_order_seq_cst);
  }

  /// Writers that were inside are waited for as long as an operation takes, and no longer.
  bool close_shards(frame& old) {
    bool quiet = gate_.try_close(old, collected_);
    for (unsigned polls = 0; !quiet && polls < R::spin_limit; ++polls) {
      relax<R>(polls);
      quiet = gate_.try_close(old, collected_);
    }
    recount(old);
    return quiet;
  }

  /// What has changed since the table was counted.
  void recount(frame& old) { add(change_of(old)); }
  table_extent change_of(frame& old) {
    const table_extent now = gate_.size_of(old);
    const table_extent before = std::exchange(old.counted, now);
    return {now.records - before.records, now.bytes - before.bytes};
  }

  frame* gather(time_point now) {
    frame* const into = gate_.take_free_table(waiting_.front()->oldest_generation, now);
    if (into == nullptr) return nullptr;  // all of them have a writer in them
    into->oldest_generation = into->generation;
    into->opened_at = waiting_.front()->opened_at;
    std::vector<frame*> emptied;
    {
      const auto lock = gate_.lock_elders();
      gate_.add_oldest_elder(*into);
      for (std::size_t s = 0; s < into->shard_count; ++s) gather_shard(s, *into);
      const auto kept = std::stable_partition(waiting_.begin(), waiting_.end(), [](frame* f) { return !is_gone(*f); });
      emptied.assign(kept, waiting_.end());
      waiting_.erase(kept, waiting_.end());
      for (frame* const each : emptied) gate_.remove_elder(*each);
    }
    // All at once: nothing that moves from one table to another is missing in between.
    table_extent change = change_of(*into);
    for (frame* const each : emptied) change += change_of(*each);
    for (frame* const each : waiting_) change += change_of(*each);
    add(change);
    for (frame* const each : emptied) {
      each->table.clear();
      gate_.recycle(*each);
    }
    if (into->counted.records != 0) return into;
    done(*into);
    return nullptr;
  }

  /// What is before the first shard that has a writer goes into the gathered table. What is after one waits for it, in
  /// as few tables as possible.
  void gather_shard(std::size_t s, frame& gathered) {
    frame* into = &gathered;
    for (frame* const each : waiting_) {
      auto& from = each->shards[s];
      if (!from.quiet) {
        into = nullptr;
      } else if (into == nullptr) {
        into = each;
      } else if (!from.gone) {
        collected_.superseded += into->table.append_shard(s, each->table);
        from.gone = true;
        tell_size(*each, s);
        tell_size(*into, s);
      }
    }
  }

  static void tell_size(frame& of, std::size_t s) {
    of.shards[s].records.store(of.table.size(s), std::memory_order_seq_cst);
    if constexpr (requires { of.table.bytes(s); }) {
      of.shards[s].bytes.store(of.table.bytes(s), std::memory_order_seq_cst);
    }
  }

  static bool is_gone(const frame& f) {
    return std::all_of(f.shards.get(), f.shards.get() + f.shard_count, [](const auto& one) { return one.gone; });
  }

  typename R::template atomic<std::uint64_t> records_{0};
  typename R::template atomic<std::uint64_t> bytes_{0};
  typename R::template atomic<std::uint64_t> moves_{0};
  typename R::template atomic<std::uint64_t> late_counted_{0};  ///< of the gate's late sizes
  bool moving_ = false;
  gate_type& gate_;
  std::vector<frame*> waiting_;  ///< published over and not handed over, by generation
  shard_tally collected_;        ///< of shards that are quiet
};

}  // namespace wavetank::buffer_detail

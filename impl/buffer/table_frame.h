// A table with its gates: what is published, handed over and recycled as one, and never freed under a writer.
#pragma once

#include <wavetank/impl/buffer/shard_gate.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// What the writers of a shard did in one generation. Records.
struct shard_tally {
  std::uint64_t accepted = 0;
  std::uint64_t superseded = 0;
  std::uint64_t erased = 0;
  std::uint64_t dropped_oldest = 0;

  shard_tally& operator+=(const shard_tally& other) noexcept {
    accepted += other.accepted;
    superseded += other.superseded;
    erased += other.erased;
    dropped_oldest += other.dropped_oldest;
    return *this;
  }
};

template <runtime R, table_kind Table>
class table_gate;

/// Stands for all that the gate of a shard guards, where accesses are watched.
struct guarded_by_gate {};

template <runtime R, table_kind Table>
struct table_frame {
  using time_point = typename R::time_point;

  /// On a cache line of its own: writers of different shards do not disturb each other.
  struct alignas(64) shard {
    using counter = typename R::template atomic<std::uint64_t>;

    shard_gate<R> gate;
    // Written by the holder, read by anybody. Records: as its operations change them, not as the table counts.
    counter records{0};
    counter bytes{0};
    counter superseded{0};
    counter erased{0};
    counter dropped_oldest{0};
    [[no_unique_address]] typename R::template shared<guarded_by_gate> content;
    /// The drainer has closed it; its alone.
    bool quiet = true;
    bool gone = false;        ///< its content has moved to another table
    std::uint32_t index = 0;  ///< in the table
    table_frame* in = nullptr;

    /// What its writers did, before anything is appended. Exact while none is inside; else what is being removed may
    /// be missing, or count twice.
    shard_tally tally() const noexcept {
      shard_tally all{0, superseded.load(std::memory_order_relaxed), erased.load(std::memory_order_relaxed),
                      dropped_oldest.load(std::memory_order_relaxed)};
      all.accepted = records.load(std::memory_order_relaxed) + all.superseded + all.erased + all.dropped_oldest;
      return all;
    }
    void clear() noexcept {
      R::write(content);
      for (counter* each : {&records, &bytes, &superseded, &erased, &dropped_oldest}) {
        each->store(0, std::memory_order_relaxed);
      }
    }
  };

  table_frame(table_gate<R, Table>& of, Table made, std::size_t number, std::uint32_t at)
      : gate(of), table(std::move(made)), shards(std::make_unique<shard[]>(number)), shard_count(number), slot(at) {
    for (std::uint32_t s = 0; s < number; ++s) {
      shards[s].index = s;
      shards[s].in = this;
    }
  }
  table_frame(const table_frame&) = delete;
  table_frame& operator=(const table_frame&) = delete;

  /// The table, wherever it is kept.
  const Table& contents() const noexcept { return given_away != nullptr ? *given_away : table; }
  /// For the drainer: what was done to shards that it has not closed.
  void add_open_tallies(shard_tally& to) const noexcept {
    for (std::size_t s = 0; s < shard_count; ++s) {
      if (!shards[s].quiet) to += shards[s].tally();
    }
  }

  table_gate<R, Table>& gate;
  Table table;
  std::shared_ptr<Table> given_away;  ///< the table instead, when the processor may keep it
  std::unique_ptr<shard[]> shards;
  const std::size_t shard_count;
  const std::uint32_t slot;
  std::uint64_t generation = 0;  ///< stays as long as a writer is inside
  // Of the drainer:
  std::uint64_t oldest_generation = 0;  ///< whose records it has; older where it was gathered from several
  time_point opened_at{};
  table_extent counted{};  ///< as part of what is older than the current table
};

}  // namespace wavetank::buffer_detail

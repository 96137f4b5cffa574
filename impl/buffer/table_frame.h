// A table with its gates: what is published, handed over and recycled as one, and never freed under a writer.
#pragma once

#include <wavetank/impl/buffer/shard_gate.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wavetank::buffer_detail {

/// What left a shard by its writers. Records.
struct shard_losses {
  std::uint64_t superseded = 0;
  std::uint64_t erased = 0;
  std::uint64_t dropped_oldest = 0;
};

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

template <runtime R, table_kind Table>
struct table_frame {
  using time_point = typename R::time_point;

  /// On a cache line of its own: writers of different shards do not disturb each other.
  struct alignas(64) shard {
    shard_gate<R> gate;
    /// As the holder's operations change them, not as the table counts; read by anybody, for bounds and sizes.
    typename R::template atomic<std::uint64_t> records{0};
    typename R::template atomic<std::uint64_t> bytes{0};
    /// Guarded by the gate.
    typename R::template shared<shard_losses> losses;
    /// The drainer has closed it; its alone.
    bool quiet = true;
    bool gone = false;        ///< its content has moved to another table
    std::uint32_t index = 0;  ///< in the table
    table_frame* in = nullptr;

    /// For the holder, or once nobody enters; of what its writers did, as long as nothing was appended.
    shard_tally tally() const noexcept {
      const shard_losses& lost = R::read(losses);
      const std::uint64_t there = records.load(std::memory_order_relaxed);
      return {there + lost.superseded + lost.erased + lost.dropped_oldest, lost.superseded, lost.erased,
              lost.dropped_oldest};
    }
    void clear() noexcept {
      R::write(losses) = {};
      records.store(0, std::memory_order_relaxed);
      bytes.store(0, std::memory_order_relaxed);
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

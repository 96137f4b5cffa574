// The table kinds of a double buffer: what a partition asks of a table.
//
// A table consists of shards, which share nothing that is ever written. Whoever calls a function that names a shard has
// that shard to itself; whoever calls one that does not has all of them: a table needs no lock of its own. A kind is a
// handful of functions:
//
//   static T make(const T::options&, std::size_t shards)
//   r = t.insert(lease, record)       one operation of a writer in the shard `lease.shard()`; any type of record; must
//                                     not throw once it has changed the table. Tells the lease what it did,
//                                     `accepted` less `superseded`, `erased` and `dropped_oldest` being by how much it
//                                     has changed `size(shard)`: bounds and swaps go by it, an assertion compares
//   t.size(shard)                     records in one shard
//   t.append_shard(shard, later)      takes the shard's content of `later` over, as if it were written after its own;
//                                     answers how many records of the two were superseded. `later`'s is then empty
//   t.next_batch(cursor, n)           up to n more entries (a `whole_table`: all), in table order; empty at the end.
//                                     Valid until the next call with this cursor
//   t.take_rest(cursor)               all that no batch has held yet, moved out
//   t.clear()                         empty, with its memory kept for reuse
//
// and where it makes sense
//
//   T::prepare(options, record)       what the user's callbacks say of a record (its sort key, say), before any table
//                                     is entered; `insert` gets what it returns
//   T::shard_of(record, shards)       the shard that a record belongs to; else it is that of the task or the writer
//   t.growth(lease, record)           by how much `insert` makes the shard larger, for bounds; else one record
//   t.drop_oldest(lease)              removes the oldest record of the shard; answers whether there was one
//   typename T::memory, T::make_memory(options), T::remember(memory, entry)
//                                     what outlives the tables of a partition: told of each entry that was delivered,
//                                     shown to writers by `lease.remembered`; `memory.enabled()` never changes
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wavetank {

/// Records and bytes: the size of something, or the growth.
struct table_extent {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  table_extent& operator+=(const table_extent& other) noexcept {
    records += other.records;
    bytes += other.bytes;
    return *this;
  }
  friend bool operator==(const table_extent&, const table_extent&) = default;
};

/// The concept, but for `insert`, which is a template of the lease.
template <class T>
concept table_kind = std::movable<T> &&
    requires(T& t, const T& c, const typename T::options& options, typename T::cursor& cursor, std::size_t shard) {
  typename T::entry;
  requires std::default_initializable<typename T::cursor>;
  { T::make(options, shard) } -> std::same_as<T>;
  { c.size(shard) } -> std::same_as<std::uint64_t>;
  { t.append_shard(shard, t) } -> std::same_as<std::uint64_t>;
  { t.next_batch(cursor, std::uint64_t{}) } -> std::same_as<std::span<const typename T::entry>>;
  { t.take_rest(cursor) } -> std::same_as<std::vector<typename T::entry>>;
  t.clear();
};

}  // namespace wavetank

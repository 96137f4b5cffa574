// Which partition a record belongs to.
#pragma once

#include <wavetank/impl/buffer/stable_hash.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace wavetank {

/// What decides where a record goes: the key of a map, the record of a queue.
template <class Table>
struct routed_by {
  using type = typename Table::entry;
};
template <class Table>
requires requires { typename Table::key_type; }
struct routed_by<Table> {
  using type = typename Table::key_type;
};

/// A user's routing: the index of the partition, out of as many. Called before any table is entered, by the task that
/// puts. The same key must always go to the same place.
template <class Table>
using route_function = std::function<std::size_t(const typename routed_by<Table>::type&, std::size_t partitions)>;

/// A hash of 64 bits to an index below `partitions`, by its upper bits (Lemire, Fast random integer generation in an
/// interval, 2019): uniform as far as the hash is, and the same everywhere.
constexpr std::size_t partition_of_hash(std::uint64_t hash, std::size_t partitions) noexcept {
  return static_cast<std::size_t>(((hash >> 32U) * partitions) >> 32U);
}

}  // namespace wavetank

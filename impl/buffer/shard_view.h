// A shard as a writer knows it: where it was when the writer looked last.
#pragma once

#include <wavetank/impl/buffer/table_frame.h>
#include <wavetank/impl/buffer/table_kind.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>

namespace wavetank::buffer_detail {

/// Saves a writer the way from the word that says which table is current to its shard, while that word stays the same.
/// Tables are never freed before their gate, so that nothing here dangles while there is a gate to show it to.
template <runtime R, table_kind Table>
struct shard_view {
  explicit shard_view(std::size_t index) noexcept : shard(index) {}

  std::size_t shard;
  std::uint64_t current = 0;  ///< the gate's word of that table; 0: it has not looked
  typename table_frame<R, Table>::shard* mine = nullptr;
};

}  // namespace wavetank::buffer_detail

// One content of a key, from its installation until nobody has it any more.
#pragma once

#include <wavetank/impl/cache/cached_row.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace wavetank::table_detail {

/// A final name.
struct place {
  cache_tier tier = cache_tier::disk;
  std::string path;

  friend bool operator==(const place&, const place&) = default;
};

/// What may be under a final name, from when it may be there until it is removed. Guarded by the table's mutex.
struct stored_file {
  place at;
  std::uint64_t size_bytes = 0;  ///< counted as in use
  std::uint64_t pins = 0;        ///< claims on generations in it
  bool condemned = false;        ///< known to be corrupt
};

/// What an index is made of; a mark for removed entries needs no more.
struct indexed {
  cache_key key;
};

/// A content that readers without the lock may see: it never changes, and is freed when the last of them has left.
/// What does change is guarded by the table's mutex, but for `hits`.
template <runtime R>
struct generation : indexed {
  generation(const cache_key& of, cache_tier in, std::uint64_t nth, row_content what, std::shared_ptr<stored_file> kept)
      : indexed{of}, tier(in), number(nth), content(std::move(what)), file(std::move(kept)), hits(recorded_hits()) {}

  const cache_tier tier;
  const std::uint64_t number;
  const row_content content;
  const std::shared_ptr<stored_file> file;  ///< nullptr in memory

  /// Written with the mutex.
  typename R::template atomic<std::uint64_t> hits;

  std::uint64_t pins = 0;
  bool current = true;   ///< it is its key's row
  bool corrupt = false;  ///< of memory

  cached_row snapshot() const {
    // A number for people, that orders nothing.
    return {key, tier, number, hits.load(std::memory_order_relaxed), content};
  }

 private:
  std::uint64_t recorded_hits() const noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 4; i-- > 0;) {
      value = value << 8 | std::to_integer<std::uint64_t>(content.header[kvc_layout::hit_count_offset + i]);
    }
    return value;
  }
};

}  // namespace wavetank::table_detail

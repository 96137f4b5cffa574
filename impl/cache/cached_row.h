// What the cache knows of a row that can be read.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/cache_tier.h>
#include <wavetank/impl/cache/token_ids.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace wavetank {

/// The first bytes of a row's file, as it was published.
using row_header = std::array<std::byte, 48>;

/// A row's bytes in memory. Immutable.
using row_bytes = std::shared_ptr<const std::vector<std::byte>>;

/// What is installed as a row. A plain value.
struct row_content {
  std::uint64_t size_bytes = 0;  ///< what it takes of its tier: of a file all of it
  row_header header{};
  std::shared_ptr<const std::vector<token_id>> tokens;  ///< may be missing
  std::string path;                                     ///< of its file; empty in the tier `ram`
  row_bytes bytes;                                      ///< in the tier `ram`; else missing
  std::uint64_t last_use_s = 0;                         ///< Unix time; orders rows that were not used since
};

/// A row as a reader sees it. A snapshot.
struct cached_row {
  cache_key key;
  cache_tier tier = cache_tier::disk;
  std::uint64_t generation = 0;  ///< of this content of the key; never reused
  std::uint64_t hits = 0;
  row_content content;
};

}  // namespace wavetank

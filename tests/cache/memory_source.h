// Bytes in memory as a source of a `.kvc` file, which keeps a record of what it was asked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank::cache_tests {

struct memory_source {
  std::span<const std::byte> bytes;
  std::size_t most_a_read = std::numeric_limits<std::size_t>::max();   ///< longer reads are short
  std::uint64_t fails_at = std::numeric_limits<std::uint64_t>::max();  ///< reads from there on give `error`
  int error = 0;

  std::uint64_t read_bytes = 0;
  std::size_t longest_asked = 0;

  tl::expected<std::size_t, int> read(std::uint64_t offset, std::span<std::byte> into) {
    longest_asked = std::max(longest_asked, into.size());
    if (offset >= fails_at) return tl::make_unexpected(error);
    if (offset >= bytes.size()) return 0;
    const std::size_t n = std::min({into.size(), bytes.size() - static_cast<std::size_t>(offset), most_a_read});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), n, into.begin());
    read_bytes += n;
    return n;
  }
};

}  // namespace wavetank::cache_tests

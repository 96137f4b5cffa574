// The rows that the benchmarks of saves write.
#pragma once

#include <wavetank/impl/cache/kvc_metadata.h>

#include <cstdint>
#include <stdexcept>

namespace bench {

/// What is measured must work.
inline void must(bool done) {
  if (!done) throw std::runtime_error("bench: what is measured failed");
}

/// Of a row with a key of its own for each number.
inline wavetank::kvc_metadata metadata_of(std::uint32_t number) {
  wavetank::kvc_metadata m;
  m.tokens = {number};
  return m;
}

}  // namespace bench

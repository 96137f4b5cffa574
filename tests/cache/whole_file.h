// A whole `.kvc` file in memory, as the writer makes it.
#pragma once

#include <wavetank/impl/cache/kvc_writer.h>

#include <cstddef>
#include <span>
#include <vector>

namespace wavetank::cache_tests {

inline std::vector<std::byte> whole_file(const kvc_metadata& metadata, std::span<const std::byte> payload) {
  auto writer = kvc_writer::create(metadata, payload.size());
  writer.value().add(payload);
  std::vector<std::byte> file = writer->head();
  file.insert(file.end(), payload.begin(), payload.end());
  return file;
}

}  // namespace wavetank::cache_tests

// A cache over a directory of this machine, and rows to keep in it.
#pragma once

#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache/whole_file.h>
#include <wavetank/tests/disk/temporary_directory.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::cache_store_tests {

using real_cache = prefix_cache<thread_runtime, posix_file_system>;
using payload_bytes = std::vector<std::byte>;

inline kvc_metadata metadata_of(std::uint32_t number) {
  kvc_metadata m;
  m.quant = quant_type::q8_0;
  m.quant_bits = 8;
  m.tokens = {1, number};
  m.context_size = 4'096;
  m.prompt_text = "prompt " + std::to_string(number);
  return m;
}

inline cache_key key_number(std::uint32_t number) { return key_of(metadata_of(number)); }

/// Contents of different numbers differ everywhere.
inline payload_bytes payload_of(std::uint32_t number, std::size_t bytes = 5'000) {
  payload_bytes payload(bytes);
  for (std::size_t i = 0; i < bytes; ++i) payload[i] = static_cast<std::byte>(i * 7 + number * 85);
  return payload;
}

inline payload_bytes file_of(std::uint32_t number) {
  return cache_tests::whole_file(metadata_of(number), payload_of(number));
}

class real_store {
 public:
  const std::string& path() const { return path_; }
  std::string path_of(std::uint32_t number) const { return path_ + "/" + kvc_final_name(key_number(number)); }

  auto open(prefix_cache_options options = {}) {
    options.disk_path = path_;
    return real_cache::open(world_, files_, std::move(options));
  }
  /// For tests that are not about opening.
  std::unique_ptr<real_cache> opened(prefix_cache_options options = {}) {
    auto cache = open(std::move(options));
    if (!cache) throw std::runtime_error(to_string(cache.error()));
    return std::move(*cache);
  }

  void put_file(const std::string& name, const payload_bytes& bytes) const {
    std::filesystem::create_directories(path_);
    std::ofstream{path_ + "/" + name, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()),
                                                              static_cast<std::streamsize>(bytes.size()));
  }
  void put_file(std::uint32_t number, const payload_bytes& bytes) const {
    put_file(kvc_final_name(key_number(number)), bytes);
  }
  payload_bytes read_file(const std::string& name) const {
    std::ifstream in(path_ + "/" + name, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto bytes = std::as_bytes(std::span{text});
    return {bytes.begin(), bytes.end()};
  }

  /// All names but the lock's and the quarantine's.
  std::set<std::string> names() const { return names_in(path_, {".lock", "quarantine"}); }
  std::set<std::string> quarantined() const { return names_in(path_ + "/quarantine", {}); }

 private:
  static std::set<std::string> names_in(const std::string& folder, const std::set<std::string>& but) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (const auto name = entry.path().filename().string(); !but.contains(name)) names.insert(name);
    }
    return names;
  }

  temporary_directory parent_;
  std::string path_ = parent_.path() + "/cache";
  thread_runtime world_;
  posix_file_system files_;
};

inline auto save(real_cache& cache, std::uint32_t number) {
  return cache.save(cache_tier::disk, metadata_of(number), payload_of(number));
}

/// Whether the row is there, with its bytes.
inline bool holds(real_cache& cache, std::uint32_t number) {
  const auto row = cache.load(key_number(number));
  return row && *row->payload == payload_of(number);
}

}  // namespace wavetank::cache_store_tests

// A `.kvc` file put together by hand, so that every part of it can be wrong.
#pragma once

#include <wavetank/impl/cache/cache_key.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/key_derivation.h>
#include <wavetank/tests/cache/bytes.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wavetank::cache_tests {

using file_bytes = std::vector<std::byte>;

/// Writes a little-endian number at a place.
template <class T>
void put(file_bytes& file, std::size_t offset, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) file.at(offset + i) = static_cast<std::byte>(value >> (8 * i));
}

template <class T>
void append(file_bytes& file, T value) {
  file.resize(file.size() + sizeof(T));
  put(file, file.size() - sizeof(T), value);
}

inline void append_text(file_bytes& file, std::string_view text) {
  file.insert(file.end(), bytes_of(text).begin(), bytes_of(text).end());
}

inline std::string as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The parts; by default a valid file of two tokens without a checksum of its head, as the original writes it.
struct raw_kvc {
  using entry = std::pair<std::uint8_t, std::string>;

  std::uint32_t token_count = 2;
  std::string prompt = "to be";
  std::vector<entry> entries{{0x01, as_text(ascending(1))},
                             {0x02, std::string(1, '\2')},
                             {0x03, std::string(1, '\7')},
                             {0x04, as_text(ascending(50))},
                             {0x08, std::string("\2\0\0\0", 4)},
                             {0x09, std::string("\1\0\0\0\0\1\0\0", 8)},
                             {0x06, "1.0"}};
  std::string payload = "what was computed";
  bool head_checksum = false;

  cache_key key() const {
    return derive_key({ascending(1), quant_type::q4_k_m, ascending(50)}, std::vector<token_id>{1, 256});
  }

  raw_kvc with(entry added) const {
    raw_kvc other = *this;
    other.entries.push_back(std::move(added));
    return other;
  }
  raw_kvc without(std::uint8_t tag) const {
    raw_kvc other = *this;
    std::erase_if(other.entries, [&](const entry& e) { return e.first == tag; });
    return other;
  }
  /// Without that tag, and then with it and another value, at the end.
  raw_kvc instead(entry changed) const { return without(changed.first).with(changed); }

  std::size_t section_offset() const { return 80 + prompt.size(); }
  std::size_t entry_offset(std::uint8_t tag) const {
    std::size_t offset = section_offset();
    for (const auto& [name, value] : entries) {
      if (name == tag) break;
      offset += 5 + value.size();
    }
    return offset;
  }
  std::size_t head_size() const {
    std::size_t size = section_offset() + (head_checksum ? 9 : 0);
    for (const auto& [tag, value] : entries) size += 5 + value.size();
    return size;
  }

  file_bytes compose() const {
    file_bytes file;
    append_text(file, std::string_view("KVC\1\4\2\0\0", 8));
    for (const std::uint32_t value : {token_count, 9U, 4096U, 0U}) append(file, value);
    for (const std::uint64_t value : {std::uint64_t{1'700'000'000}, std::uint64_t{1'700'000'100}, payload.size() + 0UL,
                                      head_size() + 0UL, payload.size() + 0UL}) {
      append(file, value);
    }
    append(file, crc32c_of(bytes_of(payload)));
    append(file, std::uint32_t{0});
    append(file, static_cast<std::uint32_t>(prompt.size()));
    append_text(file, prompt);
    append(file, static_cast<std::uint32_t>(head_size() - section_offset()));
    for (const auto& [tag, value] : entries) {
      append(file, tag);
      append(file, static_cast<std::uint32_t>(value.size()));
      append_text(file, value);
    }
    if (head_checksum) append_checksum(file);
    append_text(file, payload);
    return file;
  }

 private:
  static void append_checksum(file_bytes& file) {
    append(file, std::uint8_t{0x20});
    append(file, std::uint32_t{4});
    file_bytes covered = file;
    put(covered, 12, std::uint32_t{0});
    put(covered, 32, std::uint64_t{0});
    append(file, crc32c_of(covered));
  }
};

}  // namespace wavetank::cache_tests

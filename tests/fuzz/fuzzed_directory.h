// Cache directories as a fuzzer makes them: rows, damaged ones, temporary and foreign names, folders where files should
// be, on a disk that may have lost some of it to a power cut.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <wavetank/impl/cache/kvc_name.h>
#include <wavetank/sim/disk/process_file_system.h>
#include <wavetank/tests/cache/raw_kvc.h>
#include <wavetank/tests/cache/whole_file.h>
#include <wavetank/tests/fuzz/byte_script.h>

namespace wavetank::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// A row as it was saved.
struct pristine_row {
  kvc_metadata metadata;
  std::vector<std::byte> payload;
  cache_key key;
  std::vector<std::byte> file;
};

/// Three as ours are written, and one as the original's are, whose head has no checksum.
inline const std::vector<pristine_row>& pristine_rows() {
  static const std::vector<pristine_row> rows = [] {
    std::vector<pristine_row> made;
    for (std::uint32_t number = 1; number <= 3; ++number) {
      kvc_metadata m;
      m.tokens = {number};
      m.prompt_text = std::string(number, 'p');
      const std::vector<std::byte> payload(number * 300, static_cast<std::byte>(number));
      made.push_back({m, payload, key_of(m), cache_tests::whole_file(m, payload)});
    }
    const cache_tests::raw_kvc original;
    kvc_metadata m;
    m.tokens = {1, 256};
    const auto payload = cache_tests::bytes_of(original.payload);
    made.push_back({m, {payload.begin(), payload.end()}, original.key(), original.compose()});
    return made;
  }();
  return rows;
}

inline constexpr const char* fuzzed_folder = "/cache";

/// Every path below the folder with its bytes; folders have none.
using directory_tree = std::map<std::string, std::optional<std::vector<std::byte>>>;

inline void read_tree(sim::disk::process_file_system& files, const std::string& folder, const std::string& prefix,
                      directory_tree& tree) {
  const auto entries = files.list(folder).value();
  for (const auto& entry : entries) {
    const std::string path = folder + "/" + entry.name;
    if (entry.kind == file_kind::directory) {
      tree[prefix + entry.name] = std::nullopt;
      read_tree(files, path, prefix + entry.name + "/", tree);
      continue;
    }
    auto file = files.open(path, open_mode::read).value();
    std::vector<std::byte> bytes(static_cast<std::size_t>(files.stat(file).value().size));
    require(files.pread(file, 0, bytes).value() == bytes.size(), "a file is read whole");
    tree[prefix + entry.name] = std::move(bytes);
  }
}

/// As the kernel shows it. The disk stays as it is.
inline directory_tree tree_of(const sim::disk::disk& on) {
  sim::disk::disk copy = on;
  sim::disk::calm_decider calm;
  sim::disk::call_watcher nobody;
  sim::disk::process_file_system files{copy, 1'000, calm, nobody};
  directory_tree tree;
  read_tree(files, fuzzed_folder, "", tree);
  return tree;
}

class directory_maker {
 public:
  directory_maker(byte_script& script, sim::disk::process_file_system& files) : script_(script), files_(files) {}

  void make() {
    constexpr int most_entries = 12;
    require(files_.mkdir(fuzzed_folder).has_value(), "the folder is made");
    for (int i = 0; i < most_entries && !script_.empty(); ++i) make_entry();
  }

 private:
  void make_entry() {
    const std::uint8_t how = script_.next();
    const std::string path = std::string{fuzzed_folder} + "/" + name(how % 16U);
    constexpr std::uint32_t folder = 15;
    if (how / 16U == folder) {
      static_cast<void>(files_.mkdir(path));
    } else {
      put(path, content(how / 16U));
    }
  }

  const pristine_row& row() { return pristine_rows()[script_.below(4)]; }

  std::string name(std::uint32_t kind) {
    const std::string final_name = kvc_final_name(row().key);
    switch (kind) {
      case 0:
        return kvc_temporary_name(row().key, "a");
      case 1:
        return kvc_temporary_name(row().key, "b-2");
      case 2:
        return std::string{kvc_quarantine_folder};
      case 3:
      case 4:
        static_cast<void>(files_.mkdir(std::string{fuzzed_folder} + "/quarantine"));
        return "quarantine/" + final_name + (kind == 4 ? ".1" : "");
      case 5:
        return std::string{kvc_lock_name};
      case 6:
        return final_name + std::array{".bak", ".tmp", ".a.b.tmp", ".a b.tmp"}[script_.below(4)];
      case 7:
        return "notes.txt";
      case 8:
        return printable(script_.next_bytes(1 + script_.below(80)));
      default:
        return final_name;
    }
  }

  /// Any name but those of the kernel.
  static std::string printable(std::span<const std::byte> bytes) {
    std::string text = "x";
    for (const std::byte b : bytes) {
      const auto c = std::to_integer<char>(b);
      if (c != '/' && c != '\0') text += c;
    }
    return text;
  }

  std::vector<std::byte> content(std::uint32_t kind) {
    std::vector<std::byte> bytes = row().file;
    if (kind == 0) return {};
    if (kind == 1) {
      const auto own = script_.next_bytes(script_.next());
      return {own.begin(), own.end()};
    }
    if (kind == 2) bytes.resize(script_.next_two() % (bytes.size() + 1));
    if (kind == 3) bytes.resize(bytes.size() + 1 + script_.next());
    if (kind == 4 || kind == 5) overwrite(bytes, kind == 4 ? 1 : 8);
    if (kind == 6 || kind == 7) flip_bits(bytes, kind == 6 ? 1 : 1 + script_.below(6));
    return bytes;
  }

  void overwrite(std::vector<std::byte>& bytes, std::size_t width) {
    const std::size_t at = script_.next_two() % bytes.size();
    const auto with = script_.next_bytes(std::min(width, bytes.size() - at));
    std::copy(with.begin(), with.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void flip_bits(std::vector<std::byte>& bytes, std::uint32_t times) {
    for (; times != 0; --times) {
      const std::size_t at = script_.next_two() % bytes.size();
      bytes[at] ^= std::byte{1} << script_.below(8);
    }
  }

  void put(const std::string& path, const std::vector<std::byte>& bytes) {
    auto file = files_.open(path, open_mode::create_exclusive);
    if (file) static_cast<void>(files_.pwrite(*file, 0, bytes));
  }

  byte_script& script_;
  sim::disk::process_file_system& files_;
};

}  // namespace wavetank::fuzz

// A simulated disk with a process on it, and words for what stands on it.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/sim/disk/crash_states.h>
#include <wavetank/sim/disk/process_file_system.h>
#include <wavetank/sim/disk/tree_hash.h>
#include <wavetank/tests/disk/deciders.h>

#include <gtest/gtest.h>

namespace wavetank::sim::disk {

inline constexpr std::size_t page = 4096;

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span{text}); }

/// One page a letter: "AB" is a page of A and one of B; '0' is a page of zeros.
inline std::string pages(std::string_view letters) {
  std::string text;
  for (const char letter : letters) text += std::string(page, letter == '0' ? '\0' : letter);
  return text;
}

/// The letters of such a text; '?' for a page that is not of one letter.
inline std::string letters(std::string_view text) {
  std::string found;
  for (std::size_t at = 0; at < text.size(); at += page) {
    const auto one = text.substr(at, page);
    const bool pure = std::ranges::all_of(one, [&](char c) { return c == one.front(); });
    found += !pure ? '?' : one.front() == '\0' ? '0' : one.front();
  }
  return found;
}

/// All that a reader can tell of the tree after a restart, as text: each file with its paths and bytes.
inline std::string tree_text(const disk& of) {
  std::map<inode_number, std::string> paths;  // of directories
  std::map<inode_number, std::set<std::string>> names;
  std::set<std::string> lines;
  paths[root_inode] = "";
  for (const auto& [number, node] : of.inodes()) {
    if (node->kind != file_kind::directory || !paths.contains(number)) continue;
    lines.insert(paths[number] + "/");
    for (const auto& [name, target] : *node->durable_entries) {
      const std::string path = paths[number] + "/" + std::string{name.text()};
      names[target].insert(path);
      paths[target] = path;
    }
  }
  for (const auto& [number, node] : of.inodes()) {
    if (node->kind != file_kind::regular || !names.contains(number)) continue;
    std::string content(static_cast<std::size_t>(node->durable->size()), '\0');
    node->durable->read(0, std::as_writable_bytes(std::span{content}));
    std::string line;
    for (const std::string& name : names[number]) line += name + " ";
    lines.insert(line + "= " + content);
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

inline disk_options with_mode(crash_mode mode) {
  disk_options options;
  options.mode = mode;
  return options;
}

class lab {
 public:
  explicit lab(const disk_options& options = {}) : on(options) {}
  explicit lab(disk given) : on(std::move(given)) {}
  lab(const lab&) = delete;
  lab& operator=(const lab&) = delete;

  using file = process_file_system::file;

  disk on;
  scripted_decider choices;
  call_watcher watcher;
  process_file_system fs{on, 1, choices, watcher};

  file create(std::string_view path) { return std::move(fs.open(path, open_mode::create_exclusive)).value(); }
  file open(std::string_view path, open_mode mode = open_mode::read_write) {
    return std::move(fs.open(path, mode)).value();
  }
  void write(file& to, std::string_view text, std::uint64_t offset = 0) {
    ASSERT_TRUE(fs.pwrite(to, offset, bytes_of(text)));
  }
  void create_with(std::string_view path, std::string_view text) {
    file made = create(path);
    write(made, text);
  }
  std::string read(file& from) {
    std::string text(static_cast<std::size_t>(fs.stat(from).value().size), '\0');
    const auto got = fs.pread(from, 0, std::as_writable_bytes(std::span{text}));
    return got ? text : to_string(got.error());
  }
  /// The bytes at a path, or what kept them from being read.
  std::string read(std::string_view path, open_mode mode = open_mode::read) {
    auto opened = fs.open(path, mode);
    return opened ? read(*opened) : to_string(opened.error());
  }
  void sync_all() { on.sync_all(choices); }
  /// What the next calls of the kernel find: the next fault of a menu is its `nth`, counted from 1.
  void arm(fault_kind kind, std::uint32_t times = 1) { on.faults()[kind] = times; }

  /// The trees of all crash states.
  std::set<std::string> crash_trees() const {
    std::set<std::string> trees;
    for_each_crash_state(on, {}, [&](const disk& after) { trees.insert(tree_text(after)); });
    return trees;
  }
  /// The sets of names in the root that crash states have.
  std::set<std::set<std::string>> crash_names() const {
    std::set<std::set<std::string>> all;
    for_each_crash_state(on, {}, [&](const disk& after) {
      std::set<std::string> names;
      for (const auto& [name, target] : *after.inodes().front().second->entries) names.insert(std::string{name.text()});
      all.insert(names);
    });
    return all;
  }
  crash_summary count_crash_states(const crash_limits& limits = {}) const {
    return for_each_crash_state(on, limits, [](const disk&) {});
  }
};

using name_sets = std::set<std::set<std::string>>;

/// The errno of a call, 0 if it succeeded.
template <class T>
int error_number(const io_result<T>& given) {
  return given ? 0 : given.error().error_number;
}

}  // namespace wavetank::sim::disk

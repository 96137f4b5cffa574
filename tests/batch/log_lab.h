// A log on a simulated disk, and words for what is in it: a batch is a text, an item a letter of it.
#pragma once

#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/sim/disk/crash_states.h>
#include <wavetank/sim/disk/process_file_system.h>
#include <wavetank/tests/disk/lab.h>

#include <string>
#include <string_view>
#include <vector>

namespace wavetank::batch_tests {

using sim::disk::crash_mode;
using sim::disk::fault_kind;
using file_system = sim::disk::process_file_system;
using log = disk_log<thread_runtime, file_system>;
using batches = std::vector<std::string>;

inline thread_runtime& world() {
  static thread_runtime threads;
  return threads;
}

inline std::vector<std::span<const std::byte>> items_of_text(std::string_view text) {
  std::vector<std::span<const std::byte>> items;
  for (std::size_t i = 0; i < text.size(); ++i) items.push_back(std::as_bytes(std::span{text}.subspan(i, 1)));
  return items;
}

inline std::string text_of_items(std::span<const std::span<const std::byte>> items) {
  std::string text;
  for (const auto& item : items) {
    for (const std::byte b : item) text += static_cast<char>(b);
  }
  return text;
}

/// What an opening found: the batches, or why not.
struct opened {
  batches replayed;
  tl::expected<log, log_error> made;
};

inline opened open_log(file_system& files, disk_log_options options = {.reserve_bytes = 0}) {
  batches replayed;
  auto made = log::open(world(), files, "/l", options, [&](std::uint64_t sequence, const auto& items) {
    EXPECT_EQ(sequence, replayed.size() + 1);
    replayed.push_back(text_of_items(items));
  });
  return {std::move(replayed), std::move(made)};
}

/// A disk on which the log's directory is durable.
struct log_lab : sim::disk::lab {
  explicit log_lab(const sim::disk::disk_options& options = {}) : lab(options) {
    EXPECT_TRUE(fs.mkdir("/l"));
    EXPECT_TRUE(fs.fsync_directory("/"));
  }
  explicit log_lab(sim::disk::disk given) : lab(std::move(given)) {}

  opened start(disk_log_options options = {.reserve_bytes = 0}) { return open_log(fs, options); }
  /// What the machine finds after a restart that loses nothing.
  batches replay() {
    sync_all();
    log_lab after{on};
    after.on.power_loss(after.choices);
    return after.start().replayed;
  }
};

}  // namespace wavetank::batch_tests

// A program to be killed: appends batches to a log, drops old ones, and says what it was answered.
//
//   log_crash_writer DIRECTORY SAID RUN OPERATIONS
//
// RUN is a number of its own among all that write SAID, and its seed. With 0 OPERATIONS it opens the log, says what it
// found, and ends. `log_ledger.py` says what the records in SAID mean.
#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache_crash/event_log.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace wavetank;
using log_type = disk_log<thread_runtime, posix_file_system>;
using batch = std::vector<std::vector<std::byte>>;

// Small, so that in a short life there are many segments.
constexpr disk_log_options options{.segment_bytes = 24'000};
constexpr std::uint64_t batches_to_keep = 10;

/// The content's number, then some items of one word over and over; now and then of several pages.
batch batch_of(std::uint64_t content) {
  batch items(1 + content % 4);
  items[0].resize(sizeof content);
  for (std::size_t n = 1; n < items.size(); ++n) {
    items[n].resize(content % 16 == 1 ? 9'000 : (content + n) * 977 % 1'500);
  }
  for (std::size_t n = 0; n < items.size(); ++n) {
    const std::uint64_t word = content + n;
    for (std::size_t i = 0; i < items[n].size(); ++i) items[n][i] = static_cast<std::byte>(word >> 8 * (i % 8));
  }
  return items;
}

/// The content whose batch this is, or 0.
std::uint64_t content_of(std::span<const std::span<const std::byte>> items) {
  std::uint64_t content = 0;
  if (items.empty() || items[0].size() != sizeof content) return 0;
  for (std::size_t i = sizeof content; i-- > 0;) content = content << 8 | std::to_integer<std::uint64_t>(items[0][i]);
  return std::ranges::equal(items, batch_of(content), [](auto a, const auto& b) { return std::ranges::equal(a, b); })
             ? content
             : 0;
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

void make_directory(posix_file_system& files, const std::string& path) {
  const auto made = files.mkdir(path);
  if (!made && made.error().error_number != EEXIST) fail(path + " cannot be made");
  if (!files.fsync_directory(std::filesystem::path(path).parent_path().string())) fail(path + " cannot be synced");
}

/// Opens the log and says what is in it. A call that fails may succeed the next time.
log_type open(thread_runtime& world, posix_file_system& files, const std::string& path, const event_log& said) {
  constexpr int attempts = 20;
  said.say('O', 0, 0, 0);
  for (int i = 0; i < attempts; ++i) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
    auto log = log_type::open(world, files, path, options, [&](std::uint64_t sequence, const auto& items) {
      found.emplace_back(sequence, content_of(items));
    });
    if (log) {
      for (const auto& [sequence, content] : found) said.say('H', 0, sequence, content);
      said.say('R', 0, 0, 0);
      return std::move(*log);
    }
    said.say(log.error().what == log_problem::io ? 'F' : 'X', 0, 0, 0, to_string(log.error()));
    if (log.error().what != log_problem::io) fail(to_string(log.error()));
  }
  fail(path + " cannot be opened");
}

void append(log_type& log, std::uint64_t content, const event_log& said) {
  const batch items = batch_of(content);
  const std::vector<std::span<const std::byte>> spans{items.begin(), items.end()};
  said.say('S', 0, 0, content);
  const auto sequence = log.append(spans);
  if (sequence) return said.say('A', 0, *sequence, content);
  const auto& [outcome_unknown, cause] = sequence.error();
  said.say(cause.what == log_problem::io ? 'F' : 'X', 0, 0, content, to_string(cause));
  if (!outcome_unknown) said.say('N', 0, 0, content);
}

void drop_old_batches(log_type& log, const event_log& said) {
  if (log.synced_sequence() <= batches_to_keep) return;
  const std::uint64_t first_to_keep = log.synced_sequence() - batches_to_keep;
  said.say('E', 0, first_to_keep, 0);
  if (const auto dropped = log.discard_before(first_to_keep); !dropped) {
    said.say('X', 0, first_to_keep, 0, to_string(dropped.error()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: log_crash_writer DIRECTORY SAID RUN OPERATIONS\n");
    return 2;
  }
  const std::uint64_t run = std::stoull(argv[3]);
  const std::uint64_t operations = std::stoull(argv[4]);
  constexpr std::uint64_t one_in_so_many_drops = 8;
  thread_runtime world;
  posix_file_system files;
  const event_log said{argv[2], run};
  make_directory(files, argv[1]);
  log_type log = open(world, files, argv[1], said);
  std::mt19937_64 random{run};
  for (std::uint64_t i = 1; i <= operations; ++i) {
    if (random() % one_in_so_many_drops == 0) {
      drop_old_batches(log, said);
    } else {
      append(log, run << 24 | i, said);
    }
  }
  return 0;
}

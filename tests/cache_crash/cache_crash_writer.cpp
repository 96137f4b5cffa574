// A program to be killed: saves, loads and evicts in several threads, and says in a log what it was answered.
//
//   cache_crash_writer DIRECTORY LOG RUN OPERATIONS
//
// It waits for the directory's lock. RUN is a number of its own among all that write this log, and its seed. With 0
// OPERATIONS it starts, says what it found, and ends. `crash_ledger.py` says what the records of the log mean.
#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>
#include <wavetank/tests/cache_crash/event_log.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace wavetank;
using cache_type = prefix_cache<thread_runtime, posix_file_system>;

constexpr std::uint32_t keys = 16;
constexpr int threads = 3;

kvc_metadata metadata_of(std::uint32_t key) {
  kvc_metadata m;
  m.tokens = {key};
  m.context_size = 1;
  return m;
}

/// One word over and over, so that each piece of eight bytes says whose it is; now and then of ten pages.
std::vector<std::byte> payload_of(std::uint32_t key, std::uint64_t content) {
  const std::uint64_t word = content << 8 | key;
  std::vector<std::byte> bytes(content % 16 == 0 ? 40'000 : 100 + content * 977 % 6'000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(word >> 8 * (i % 8));
  return bytes;
}

/// The content whose payload this is, or 0.
std::uint64_t content_of(std::uint32_t key, const std::vector<std::byte>& payload) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i-- > 0 && payload.size() >= 8;)
    word = word << 8 | std::to_integer<std::uint64_t>(payload[i]);
  const std::uint64_t content = word >> 8;
  return payload == payload_of(key, content) ? content : 0;
}

class writer {
 public:
  writer(cache_type& cache, const event_log& log, std::uint64_t run) : cache_(cache), log_(log), run_(run) {}

  void say_what_is_there() {
    log_.say('O', 0, 0, 0);
    const auto& found = cache_.found(cache_tier::disk);
    for (const auto& file : found.rejected) log_.say('X', 0, 0, 0, "rejected " + describe(file.reason));
    for (std::uint32_t key = 0; key < keys; ++key) load(0, key, true);
    log_.say('R', 0, 0, 0);
  }

  void work(int thread, std::uint64_t operations) {
    std::mt19937_64 random{run_ * threads + static_cast<std::uint64_t>(thread)};
    for (std::uint64_t i = 0; i < operations; ++i) {
      const auto key = static_cast<std::uint32_t>(random() % keys);
      const auto choice = random() % 8;
      if (choice < 4) {
        save(thread, key);
      } else if (choice < 6) {
        evict(thread, key);
      } else if (choice == 6 || thread != 0) {
        load(thread, key, false);
      } else {
        cache_.sweep();
      }
    }
  }

 private:
  void save(int thread, std::uint32_t key) {
    const std::uint64_t content = run_ << 24 | ++contents_;
    log_.say('S', thread, key, content);
    const auto saved = cache_.save(cache_tier::disk, metadata_of(key), payload_of(key, content));
    if (saved) return log_.say('A', thread, key, content);
    switch (saved.error().problem) {
      case save_problem::already_present:
        return log_.say('P', thread, key, content);
      case save_problem::conflict:
        return log_.say('N', thread, key, content);
      case save_problem::io:
        return log_.say('F', thread, key, content, to_string(saved.error()));
      default:
        return log_.say('X', thread, key, content, to_string(saved.error()));
    }
  }

  void evict(int thread, std::uint32_t key) {
    log_.say('E', thread, key, 0);
    if (!cache_.table().evict(key_of(metadata_of(key))).failed.empty()) log_.say('X', thread, key, 0, "not evicted");
    log_.say('D', thread, key, 0);
  }

  void load(int thread, std::uint32_t key, bool to_be_said) {
    const auto row = cache_.load(key_of(metadata_of(key)));
    if (!row) {
      const bool harmless = row.error().problem == load_problem::miss || row.error().problem == load_problem::busy;
      if (!harmless) log_.say('X', thread, key, 0, row.error().file ? describe(*row.error().file) : "not loaded");
      return;
    }
    const auto content = content_of(key, *row->payload);
    if (content == 0) log_.say('X', thread, key, 0, "nobody's payload");
    if (to_be_said) log_.say('H', thread, key, content);
  }

  cache_type& cache_;
  const event_log& log_;
  std::uint64_t run_;
  std::atomic<std::uint64_t> contents_ = 0;
};

std::unique_ptr<cache_type> wait_for_directory(thread_runtime& world, posix_file_system& files, const char* path) {
  for (;;) {
    auto cache = cache_type::open(world, files, {.disk_path = path, .saves = {.permits = threads}});
    if (cache) return std::move(*cache);
    if (cache.error().problem != directory_problem::locked) {
      std::fprintf(stderr, "%s\n", to_string(cache.error()).c_str());
      std::exit(2);
    }
    std::this_thread::yield();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: cache_crash_writer DIRECTORY LOG RUN OPERATIONS\n");
    return 2;
  }
  const std::uint64_t run = std::stoull(argv[3]);
  const std::uint64_t operations = std::stoull(argv[4]);
  thread_runtime world;
  posix_file_system files;
  const auto cache = wait_for_directory(world, files, argv[1]);
  const event_log log{argv[2], run};
  writer me{*cache, log, run};
  me.say_what_is_there();
  std::vector<thread_runtime::task> tasks;
  for (int t = 0; operations != 0 && t < threads; ++t) {
    tasks.push_back(world.spawn("writer " + std::to_string(t), [&, t] { me.work(t, operations); }));
  }
  for (auto& task : tasks) task.join();
  return 0;
}

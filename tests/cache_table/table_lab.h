// A reservation table on threads with a clock that tests set, and with files in memory.
#pragma once

#include <wavetank/impl/cache/reservation_table.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wavetank::test {

/// Knows whether the running thread holds one.
class watched_mutex {
 public:
  void lock() {
    mutex_.lock();
    ++held_here;
  }
  bool try_lock() { return mutex_.try_lock() && ++held_here != 0; }
  void unlock() {
    --held_here;
    mutex_.unlock();
  }
  static inline thread_local int held_here = 0;

 private:
  std::mutex mutex_;
};

/// Monotonic time and the wall clock, as tests set them.
struct set_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<set_clock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point{duration{time.load()}}; }
  static void pass(duration by) { time += by.count(); }
  static inline std::atomic<rep> time{1'000'000'000};
};

class lab_runtime : public basic_thread_runtime<set_clock> {
 public:
  using mutex = watched_mutex;
  using condition_variable = std::condition_variable_any;
  std::chrono::sys_seconds unix_time() const { return std::chrono::sys_seconds{std::chrono::seconds{wall_clock_s}}; }
  std::atomic<std::int64_t> wall_clock_s{100};
};

inline cache_key key_of(unsigned n) {
  cache_key key;
  key.bytes[0] = static_cast<std::byte>(n);
  key.bytes[31] = static_cast<std::byte>(n);
  return key;
}
inline std::string path_of(unsigned n, cache_tier tier = cache_tier::disk) {
  return std::string{to_string(tier)} + "/" + std::to_string(n);
}

inline row_content file_content(unsigned n, std::uint64_t size = 10, cache_tier tier = cache_tier::disk) {
  row_content content;
  content.size_bytes = size;
  content.path = path_of(n, tier);
  content.last_use_s = 1;
  return content;
}
inline row_content memory_content(std::uint64_t size = 10) {
  row_content content;
  content.size_bytes = size;
  content.bytes = std::make_shared<std::vector<std::byte>>(size);
  content.last_use_s = 1;
  return content;
}

class lab_keeper : public file_keeper {
 public:
  struct file {
    std::uint64_t size = 10;
    bool valid = true;
  };

  io_result<file_sight> adopt(const cache_key&, cache_tier, const std::string& path) override {
    called("adopt " + path);
    if (blind.count(path) != 0) return tl::make_unexpected(io_error{io_call::open, EIO});
    const auto found = files.find(path);
    if (found == files.end()) return no_file{};
    if (!found->second.valid) return invalid_file{};
    row_content content;
    content.size_bytes = found->second.size;
    content.path = path;
    return content;
  }
  io_result<std::uint64_t> remove(cache_tier, const std::string& path) override {
    called("remove " + path);
    const auto found = files.find(path);
    if (found == files.end()) return std::uint64_t{0};
    if (stuck.count(path) != 0) return tl::make_unexpected(io_error{io_call::unlink, EIO});
    const std::uint64_t size = found->second.size;
    files.erase(found);
    return size;
  }
  void record_use(const std::string& path, std::uint32_t hits, std::uint64_t last_use_s) override {
    called("record_use");
    uses[path] = {hits, last_use_s};
  }

  std::map<std::string, file> files;
  std::set<std::string> blind;  ///< cannot be read
  std::set<std::string> stuck;  ///< cannot be removed
  std::map<std::string, std::pair<std::uint32_t, std::uint64_t>> uses;
  std::vector<std::string> calls;
  std::function<void()> meanwhile = [] {};  ///< in each call, once

 private:
  void called(std::string what) {
    EXPECT_EQ(watched_mutex::held_here, 0) << what << " with the lock held";
    calls.push_back(std::move(what));
    std::exchange(meanwhile, [] {})();
  }
};

class table_lab : public ::testing::Test {
 protected:
  using table_type = reservation_table<lab_runtime>;
  using claim = table_type::claim;

  /// Ends a task, after it has done something.
  template <class F>
  task_id short_life(F&& function) {
    auto task = world.spawn("short-lived", std::forward<F>(function));
    const task_id id = task.id();
    task.join();
    return id;
  }

  reservation_token reserved(unsigned n = 1) {
    const auto got = table.reserve_save(key_of(n), cache_tier::disk, path_of(n));
    EXPECT_TRUE(got.has_value());
    return got.value_or(reservation_token{});
  }
  reservation_token published(unsigned n = 1) {
    const auto token = reserved(n);
    keeper.files[path_of(n)];
    EXPECT_TRUE(table.mark_published(token).has_value());
    return token;
  }
  /// The generation.
  std::uint64_t available(unsigned n = 1) {
    const auto got = table.announce_saved(published(n), file_content(n));
    EXPECT_TRUE(got.has_value());
    return got.value_or(0);
  }
  /// A reservation whose owner is dead.
  reservation_token orphaned(bool linked, unsigned n = 1) {
    reservation_token token;
    short_life([&] { token = linked ? published(n) : reserved(n); });
    return token;
  }
  void let_expire() { set_clock::pass(std::chrono::seconds(60)); }

  std::optional<row_status> status(unsigned n = 1) {
    const auto told = table.dump(key_of(n));
    return told ? std::optional{told->status} : std::nullopt;
  }
  bool readable(unsigned n = 1) { return table.lookup_exact(key_of(n)).has_value(); }
  auto reserve_refused(unsigned n = 1) {
    const auto got = table.reserve_save(key_of(n), cache_tier::disk, path_of(n));
    EXPECT_FALSE(got.has_value());
    return got ? reserve_refusal{} : got.error();
  }
  auto checkout_refused(unsigned n = 1) {
    const auto got = table.checkout(key_of(n));
    EXPECT_FALSE(got.has_value());
    return got ? checkout_refusal{} : got.error();
  }

  lab_runtime world;
  lab_keeper keeper;
  table_type table{world, keeper};
};

}  // namespace wavetank::test

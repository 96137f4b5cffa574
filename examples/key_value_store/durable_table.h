// A table in memory that lives in a log: the backend that a batcher commits to.
//
// A batch is one frame of the log, durable with one sync, and is applied to the table only then: nobody reads what a
// crash could take back. After so many changes the whole table is written as one batch, and older segments go. (A table
// that is larger than the log takes in one batch is never checkpointed: its log grows.)
#pragma once

#include "change.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

/// Any thread at any time.
class durable_table {
 public:
  using command = change;
  using result = bool;  ///< there was a value under the key before
  using log_type = wavetank::disk_log<wavetank::thread_runtime, wavetank::posix_file_system>;

  static constexpr std::uint64_t changes_to_checkpoint = 1000;
  static constexpr wavetank::disk_log_options log_options{.segment_bytes = 64 << 10};

  /// The table as the log in this directory has it, or why not.
  static tl::expected<std::unique_ptr<durable_table>, std::string> open(wavetank::thread_runtime& world,
                                                                        wavetank::posix_file_system& files,
                                                                        const std::string& directory) {
    std::unique_ptr<durable_table> made{new durable_table};
    bool foreign = false;
    auto log = log_type::open(world, files, directory, log_options, [&](std::uint64_t, const auto& items) {
      for (const auto& item : items) {
        const auto one = decode(item);
        foreign = foreign || !one;
        if (one) made->apply(*one);
      }
    });
    if (!log) return tl::make_unexpected(to_string(log.error()));
    if (foreign) return tl::make_unexpected(directory + " holds the log of another program");
    made->log_.emplace(std::move(*log));
    return made;
  }

  /// What a batcher asks of its backend.
  tl::expected<std::vector<result>, wavetank::commit_error> commit(wavetank::shard_number,
                                                                   std::span<const command> batch) {
    const std::lock_guard turn{commit_turn_};
    if (const auto sequence = append(batch); !sequence) {
      using kind = wavetank::commit_error::kind;
      const auto& why = sequence.error();
      return tl::make_unexpected(
          wavetank::commit_error{why.outcome_unknown ? kind::unknown : kind::failed, {}, to_string(why.cause)});
    }
    std::vector<result> results;
    for (const command& one : batch) results.push_back(apply(one));
    if (changes_in_log_ >= changes_to_checkpoint) checkpoint();
    return results;
  }
  std::uint64_t bytes_of(const command& one) const { return one.key.size() + one.value.size() + 16; }

  std::optional<std::string> get(std::string_view key) const {
    const std::lock_guard lock{mutex_};
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional{found->second};
  }

 private:
  durable_table() = default;

  tl::expected<std::uint64_t, wavetank::append_error> append(std::span<const change> batch) {
    std::vector<std::vector<std::byte>> images;
    for (const change& one : batch) images.push_back(encode(one));
    const std::vector<std::span<const std::byte>> items{images.begin(), images.end()};
    return log_->append(items);
  }

  bool apply(const change& one) {
    const std::lock_guard lock{mutex_};
    ++changes_in_log_;
    switch (one.what) {
      case change::kind::put:
        return !values_.insert_or_assign(one.key, one.value).second;
      case change::kind::erase:
        return values_.erase(one.key) != 0;
      case change::kind::forget_all:
        values_.clear();
        return false;
    }
    return false;
  }

  /// If it fails, the log is merely longer, and the next commit tries again.
  void checkpoint() {
    std::vector<change> all{{change::kind::forget_all}};
    for (const auto& [key, value] : values_) all.push_back({change::kind::put, key, value});
    const auto sequence = append(all);
    if (sequence && log_->discard_before(*sequence)) changes_in_log_ = 0;
  }

  std::mutex commit_turn_;            ///< taken before `mutex_`
  std::optional<log_type> log_;       ///< under `commit_turn_`
  std::uint64_t changes_in_log_ = 0;  ///< under `commit_turn_`: since the last checkpoint
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> values_;  ///< written under both
};

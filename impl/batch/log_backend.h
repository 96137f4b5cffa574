// The backend that the library ships: each batch is one frame of the shard's log, durable with one sync.
//
// A command is its bytes, a result its sequence: the batch's number in the log. One log a shard, opened and replayed by
// the user. Commits of one shard take turns, direct writes among them.
#pragma once

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/impl/batch/disk_log.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace wavetank {

/// Any task at any time, but for `add`, which comes before the first commit.
template <runtime R, file_system F>
class log_backend {
 public:
  using command = std::vector<std::byte>;
  using result = std::uint64_t;
  using log_type = disk_log<R, F>;

  void add(shard_number shard, log_type log) { shards_.emplace(shard, std::make_unique<shard_log>(std::move(log))); }

  tl::expected<std::vector<result>, commit_error> commit(shard_number shard, std::span<const command> batch) {
    const auto found = shards_.find(shard);
    if (found == shards_.end()) {
      return tl::make_unexpected(commit_error{commit_error::kind::failed, {}, "the shard has no log"});
    }
    std::vector<std::span<const std::byte>> items{batch.begin(), batch.end()};
    const std::lock_guard turn{found->second->turn};
    const auto sequence = found->second->log.append(items);
    if (!sequence) return tl::make_unexpected(error_of(sequence.error(), batch.size()));
    return std::vector<result>(batch.size(), *sequence);
  }

  std::uint64_t bytes_of(const command& one) const noexcept { return item_length_bytes + one.size(); }

 private:
  struct shard_log {
    explicit shard_log(log_type given) : log(std::move(given)) {}
    typename R::mutex turn;
    log_type log;
  };

  /// A batch that is too large as a whole is split; nothing else gets better by trying again.
  static commit_error error_of(const append_error& why, std::size_t commands) {
    using kind = commit_error::kind;
    if (why.outcome_unknown) return {kind::unknown, {}, to_string(why.cause)};
    const bool may_split = why.cause.what == log_problem::too_large && commands > 1;
    return {may_split ? kind::rejected : kind::failed, {}, to_string(why.cause)};
  }

  std::map<shard_number, std::unique_ptr<shard_log>> shards_;
};

}  // namespace wavetank

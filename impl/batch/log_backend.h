// The backend that the library ships: each batch is one frame of the shard's log, durable with one sync, which it
// shares with whatever was written meanwhile.
//
// A command is its bytes, a result its sequence: the batch's number in the log. One log a shard, opened and replayed by
// the user. It is pipelined: to begin is to write the frame, to finish is to sync it. Direct writes take their place in
// the same order, and those of several tasks share syncs.
#pragma once

#include <wavetank/impl/batch/batch_backend.h>
#include <wavetank/impl/batch/shared_log.h>
#include <wavetank/impl/runtime.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
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
  /// Of a batch that is written. Must not outlive the backend.
  struct ticket {
    shared_log<R, F>* log;
    typename log_type::written_batch written;
    std::size_t commands;
  };

  void add(shard_number shard, log_type log) {
    shards_.emplace(shard, std::make_unique<shared_log<R, F>>(std::move(log)));
  }

  tl::expected<ticket, commit_error> begin(shard_number shard, std::span<const command> batch) {
    const auto found = shards_.find(shard);
    if (found == shards_.end()) {
      return tl::make_unexpected(commit_error{commit_error::kind::failed, {}, "the shard has no log"});
    }
    const std::vector<std::span<const std::byte>> items{batch.begin(), batch.end()};
    auto written = found->second->write(items);
    if (!written) return tl::make_unexpected(error_of(written.error(), batch.size()));
    return ticket{found->second.get(), std::move(*written), batch.size()};
  }
  tl::expected<std::vector<result>, commit_error> finish(ticket begun) {
    const auto sequence = begun.log->sync(begun.written);
    if (!sequence) return tl::make_unexpected(error_of(sequence.error(), begun.commands));
    return std::vector<result>(begun.commands, *sequence);
  }
  tl::expected<std::vector<result>, commit_error> commit(shard_number shard, std::span<const command> batch) {
    auto begun = begin(shard, batch);
    if (!begun) return tl::make_unexpected(std::move(begun.error()));
    return finish(std::move(*begun));
  }

  /// What the user has made durable elsewhere, as a checkpoint does, the shard's log need not keep: its oldest segments
  /// go as long as every batch in them is before this sequence. How many went. Beside commits; those wait while
  /// segments are removed.
  tl::expected<std::size_t, log_error> discard_before(shard_number shard, std::uint64_t sequence) {
    const auto found = shards_.find(shard);
    return found == shards_.end() ? std::size_t{0} : found->second->discard_before(sequence);
  }

  std::uint64_t bytes_of(const command& one) const noexcept { return item_length_bytes + one.size(); }

 private:
  /// A batch that is too large as a whole is split; nothing else gets better by trying again.
  static commit_error error_of(const append_error& why, std::size_t commands) {
    using kind = commit_error::kind;
    if (why.outcome_unknown) return {kind::unknown, {}, to_string(why.cause)};
    const bool may_split = why.cause.what == log_problem::too_large && commands > 1;
    return {may_split ? kind::rejected : kind::failed, {}, to_string(why.cause)};
  }

  std::map<shard_number, std::unique_ptr<shared_log<R, F>>> shards_;
};

}  // namespace wavetank

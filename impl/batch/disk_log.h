// An append-only log on disk: one frame and one sync a batch, replayed after a crash.
//
// It promises: a batch that `append` answered with a sequence is replayed exactly once, in its place, after any crash;
// one that it answered `not_committed` never is; one whose outcome is unknown is replayed whole or not at all, and no
// more once a later batch is acknowledged. Damage of what was durable is an error that names the batches, never a
// shorter log (log_recovery.h says how far that can be told).
//
// Faults that it survives: loss of power and of the process at any moment, torn and reordered sectors, writes and syncs
// that fail. The first error of a file ends that file: the next batch begins a new segment, whose header voids whatever
// the old one has from that batch's sequence on. The first failed sync of the directory ends the log until it is opened
// again. Errors of the medium are found, not mended.
//
// Each opening begins a new segment: nothing is ever written to a file of an earlier process. Old segments go by
// `discard_before` alone.
#pragma once

#include <wavetank/impl/batch/log_recovery.h>
#include <wavetank/impl/batch/segment_writer.h>
#include <wavetank/impl/runtime.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

struct disk_log_options {
  std::uint64_t segment_bytes = std::uint64_t{64}
                                << 20U;  ///< a segment that has reached this size gets no more batches
  std::uint64_t max_batch_bytes = std::uint64_t{16} << 20U;  ///< items with their lengths
};

/// One task at a time. The runtime and the file system must outlive it.
template <runtime R, file_system F>
class disk_log {
 public:
  using item = std::span<const std::byte>;

  /// Opens the log in a directory that exists, or begins one there, and calls `replay(sequence, items)` for each batch
  /// in order. If the answer is an error, nothing holds of what was replayed so far. Linear in the log.
  template <class Replay>
  static tl::expected<disk_log, log_error> open(R& world, F& files, std::string directory, disk_log_options options,
                                                Replay&& replay) {
    disk_log made{files, std::move(directory), options};
    if (auto wrong = made.lock()) return tl::make_unexpected(std::move(*wrong));
    auto found = log_recovery<F, Replay>{files, made.directory_, replay}.run();
    if (!found) return tl::make_unexpected(std::move(found.error()));
    made.identity_ = found->identity ? *found->identity : world.random();
    made.next_segment_ = found->next_segment;
    made.next_sequence_ = found->next_sequence;
    made.segments_ = std::move(found->segments);
    if (auto wrong = made.begin_segment(found->carried)) return tl::make_unexpected(std::move(*wrong));
    return made;
  }

  disk_log(disk_log&&) noexcept = default;
  disk_log& operator=(disk_log&&) noexcept = default;

  /// Writes and syncs one batch: its sequence, from 1, without gaps. One write and one sync, but at the beginning of a
  /// segment.
  tl::expected<std::uint64_t, append_error> append(std::span<const item> items) {
    if (const auto bytes = body_bytes(items); bytes > options_.max_batch_bytes) {
      return refused({log_problem::too_large, directory_, {}, options_.max_batch_bytes, bytes});
    }
    if (untrusted_) return refused({log_problem::directory_untrusted, directory_, *untrusted_});
    if (!writer_ || writer_->is_full(options_.segment_bytes)) {
      if (auto wrong = begin_segment({})) return refused(std::move(*wrong));
    }
    const std::string path = path_of(next_segment_ - 1);
    if (const auto written = writer_->write(items, next_sequence_, synced_sequence()); !written) {
      writer_.reset();
      return refused({log_problem::io, path, written.error()});
    }
    if (const auto synced = writer_->sync(); !synced) {
      writer_.reset();
      return tl::make_unexpected(append_error{true, {log_problem::io, path, synced.error()}});
    }
    return next_sequence_++;
  }

  /// The last batch that is durable; 0: none yet.
  std::uint64_t synced_sequence() const noexcept { return next_sequence_ - 1; }

  /// Removes the oldest segments as long as every batch in them is before this sequence. One sync of the directory for
  /// each, so that a crash leaves no hole. How many were removed.
  tl::expected<std::size_t, log_error> discard_before(std::uint64_t sequence) {
    if (untrusted_) return tl::make_unexpected(log_error{log_problem::directory_untrusted, directory_, *untrusted_});
    std::size_t removed = 0;
    while (segments_.size() > 1 && segments_[1].second <= sequence) {
      const std::string path = path_of(segments_.front().first);
      if (auto wrong = remove(path)) return tl::make_unexpected(std::move(*wrong));
      segments_.erase(segments_.begin());
      ++removed;
    }
    return removed;
  }

 private:
  disk_log(F& files, std::string directory, disk_log_options options)
      : files_(&files), directory_(std::move(directory)), options_(options) {}

  static std::uint64_t body_bytes(std::span<const item> items) noexcept {
    std::uint64_t bytes = 0;
    for (const item& one : items) bytes += item_length_bytes + one.size();
    return bytes;
  }

  static tl::unexpected<append_error> refused(log_error why) {
    return tl::make_unexpected(append_error{false, std::move(why)});
  }

  std::string path_of(std::uint64_t segment) const { return directory_ + "/" + segment_name(segment); }

  /// The lock ends with the process. Its file is empty and stays.
  std::optional<log_error> lock() {
    const std::string path = directory_ + "/" + std::string{log_lock_name};
    auto file = files_->open(path, open_mode::create_exclusive);
    if (!file && file.error().error_number == EEXIST) file = files_->open(path, open_mode::read_write);
    if (!file) return log_error{log_problem::io, path, file.error()};
    if (const auto taken = files_->lock(*file); !taken) {
      return log_error{means_locked(taken.error()) ? log_problem::locked : log_problem::io, path, taken.error()};
    }
    lock_ = std::move(*file);
    return std::nullopt;
  }

  /// Makes the next segment aside and gives it its name once it is durable: under its name it is whole. On an error
  /// there is no segment, and a later call tries again.
  std::optional<log_error> begin_segment(std::span<const carried_batch> carried) {
    writer_.reset();
    const std::string aside = directory_ + "/" + std::string{segment_in_the_making};
    const std::string path = path_of(next_segment_);
    auto file = create_anew(aside);
    if (!file) return log_error{log_problem::io, aside, file.error()};
    const std::uint64_t first = carried.empty() ? next_sequence_ : carried.front().sequence;
    segment_writer<F> made{*files_, std::move(*file), {identity_, next_segment_, first, synced_sequence()}};
    if (const auto begun = made.begin(carried); !begun) return log_error{log_problem::io, aside, begun.error()};
    if (const auto named = files_->rename(aside, path, rename_mode::replace); !named) {
      return log_error{log_problem::io, path, named.error()};
    }
    if (auto wrong = sync_directory()) return wrong;
    segments_.emplace_back(next_segment_, first);
    writer_.emplace(std::move(made));
    ++next_segment_;
    return std::nullopt;
  }

  io_result<typename F::file> create_anew(const std::string& path) {
    auto file = files_->open(path, open_mode::create_exclusive);
    if (file || file.error().error_number != EEXIST) return file;
    if (const auto gone = files_->unlink(path); !gone) return tl::make_unexpected(gone.error());
    return files_->open(path, open_mode::create_exclusive);
  }

  std::optional<log_error> remove(const std::string& path) {
    if (const auto gone = files_->unlink(path); !gone) return log_error{log_problem::io, path, gone.error()};
    return sync_directory();
  }

  std::optional<log_error> sync_directory() {
    const auto synced = files_->fsync_directory(directory_);
    if (synced) return std::nullopt;
    untrusted_ = synced.error();
    return log_error{log_problem::directory_untrusted, directory_, synced.error()};
  }

  F* files_;
  std::string directory_;
  disk_log_options options_;
  typename F::file lock_;
  std::uint64_t identity_ = 0;
  std::uint64_t next_segment_ = 0;
  std::uint64_t next_sequence_ = 1;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> segments_;  ///< number and first sequence, oldest first
  std::optional<segment_writer<F>> writer_;                        ///< none: its file had an error
  std::optional<io_error> untrusted_;
};

}  // namespace wavetank

// An append-only log on disk: one frame a batch, one sync for all that was written since the last, replayed after a
// crash.
//
// It promises: a batch that is answered with a sequence is replayed exactly once, in its place, after any crash, and so
// is every batch that was written before it and not voided; one that is answered `not_committed` never is; one whose
// outcome is unknown is replayed whole or not at all, never without those that were written before it to the same
// segment, and no more once a batch is acknowledged that was written after the failure was known. Damage of what was
// durable is an error that names the batches, never a shorter log (log_recovery.h says how far that can be told).
//
// Faults that it survives: loss of power and of the process at any moment, torn and reordered sectors, writes and syncs
// that fail. The first error of a file ends that file. After a write that fails, what was written before it can still
// be synced; its own batch is not committed, unless it was cut short where only zeros were missing: then it may be
// whole on zeros that were there, and its outcome is unknown. A sync that fails leaves everything unknown that was
// written to that file and not synced before. The next batch begins a new segment, but only when nothing in the old one
// is unsettled: its header voids whatever the old one has from that batch's sequence on. The first failed sync of the
// directory ends the log until it is opened again. Errors of the medium are found, not mended.
//
// Each opening begins a new segment: nothing is ever written to a file of an earlier process. Old segments go by
// `discard_before` alone.
#pragma once

#include <wavetank/impl/batch/disk_log_options.h>
#include <wavetank/impl/batch/log_recovery.h>
#include <wavetank/impl/batch/open_segment.h>
#include <wavetank/impl/runtime.h>

#include <cassert>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// One task at a time, but for the steps in the middle (`shared_log` is for several tasks). The runtime and the file
/// system must outlive it and every batch that it wrote.
template <runtime R, file_system F>
class disk_log {
 public:
  using item = std::span<const std::byte>;

  /// A batch whose frame is in the file. It does not keep the log, but its segment's file.
  struct written_batch {
    std::shared_ptr<open_segment<F>> segment;
    std::uint64_t sequence = 0;
  };

  /// Opens the log in a directory that exists, or begins one there, and calls `replay(sequence, items)` for each batch
  /// in order. If the answer is an error, nothing holds of what was replayed so far. Linear in the log. Options that
  /// `validate` refuses are a broken contract: `std::invalid_argument`.
  template <class Replay>
  static tl::expected<disk_log, log_error> open(R& world, F& files, std::string directory, disk_log_options options,
                                                Replay&& replay) {
    if (const auto valid = validate(options); !valid) {
      throw std::invalid_argument("disk_log: " + to_string(valid.error()));
    }
    disk_log made{files, std::move(directory), options};
    if (auto wrong = made.lock()) return tl::make_unexpected(std::move(*wrong));
    auto found = log_recovery<F, Replay>{files, made.directory_, replay}.run();
    if (!found) return tl::make_unexpected(std::move(found.error()));
    made.identity_ = found->identity ? *found->identity : world.random();
    made.next_segment_ = found->next_segment;
    made.recovered_sequence_ = found->next_sequence - 1;
    made.segments_ = std::move(found->segments);
    if (auto wrong = made.begin_segment(found->carried)) return tl::make_unexpected(std::move(*wrong));
    return made;
  }

  disk_log(disk_log&&) noexcept = default;
  disk_log& operator=(disk_log&&) noexcept = default;

  /// Writes and syncs one batch: its sequence, from 1, without gaps. One write and one sync, but at the beginning of a
  /// segment.
  tl::expected<std::uint64_t, append_error> append(std::span<const item> items) {
    const auto written = write(items);
    if (!written) return tl::make_unexpected(written.error());
    sync();
    return *outcome_of(*written);
  }

  /// Writes one batch, behind all that was written before. It is durable only by a `sync` that begins later.
  tl::expected<written_batch, append_error> write(std::span<const item> items) {
    if (auto refused = refusal(items)) return tl::make_unexpected(std::move(*refused));
    if (needs_segment()) {
      sync();
      if (auto refused = begin_segment()) return tl::make_unexpected(std::move(*refused));
    }
    write_step step = begin_write();
    step.run(items);
    return end_write(step);
  }

  /// Settles everything that was written: durable, or unknown.
  void sync() {
    if (!has_unsynced()) return;
    sync_step step = begin_sync();
    step.run();
    end_sync(step);
  }

  /// The batch's sequence once it is durable, or the error once nobody will know; empty before.
  static std::optional<tl::expected<std::uint64_t, append_error>> outcome_of(const written_batch& batch) {
    if (batch.sequence <= batch.segment->synced) return batch.sequence;
    if (batch.segment->failure) return tl::make_unexpected(append_error{true, *batch.segment->failure});
    return std::nullopt;
  }

  /// The last batch that is known to be durable; 0: none yet.
  std::uint64_t synced_sequence() const noexcept { return segment_ ? segment_->synced : recovered_sequence_; }

  // The steps of the above, for whoever lets other tasks go on during a write or a sync: begin and end are short and
  // come one at a time; one write and one sync may run beside each other, and beside everything but `begin_segment`.

  class write_step {
   public:
    void run(std::span<const item> items) { result_ = segment_->writer.write(items, sequence_, synced_); }

   private:
    friend disk_log;
    write_step(std::shared_ptr<open_segment<F>> to)
        : segment_(std::move(to)), sequence_(segment_->written + 1), synced_(segment_->synced) {}
    std::shared_ptr<open_segment<F>> segment_;
    std::uint64_t sequence_;
    std::uint64_t synced_;
    io_result<void> result_{};
  };
  class sync_step {
   public:
    void run() { result_ = segment_->writer.sync(); }

   private:
    friend disk_log;
    sync_step(std::shared_ptr<open_segment<F>> of) : segment_(std::move(of)), covers_(segment_->written) {}
    std::shared_ptr<open_segment<F>> segment_;
    std::uint64_t covers_;  ///< what was written when it began, and nothing later
    io_result<void> result_{};
  };

  /// Why this batch can never be written, or not any more.
  std::optional<append_error> refusal(std::span<const item> items) const {
    if (const auto bytes = body_bytes(items); bytes > options_.max_batch_bytes) {
      return append_error{false, {log_problem::too_large, directory_, {}, options_.max_batch_bytes, bytes}};
    }
    if (untrusted_) return append_error{false, {log_problem::directory_untrusted, directory_, *untrusted_}};
    return std::nullopt;
  }
  /// There is no segment that takes another batch: `begin_segment` goes before the next write.
  bool needs_segment() const noexcept { return !segment_ || !segment_->takes_more(options_.segment_bytes); }
  /// With nothing unsynced. On an error there is no segment, and a later call tries again.
  std::optional<append_error> begin_segment() {
    assert(!has_unsynced());
    if (auto wrong = begin_segment({})) return append_error{false, std::move(*wrong)};
    return std::nullopt;
  }
  write_step begin_write() {
    assert(!needs_segment());
    return write_step{segment_};
  }
  tl::expected<written_batch, append_error> end_write(const write_step& step) {
    open_segment<F>& of = *step.segment_;
    if (!step.result_) {
      of.ended = true;
      return tl::make_unexpected(append_error{of.writer.lacks_only_zeros(step.result_.error().bytes_wanted),
                                              {log_problem::io, path_of(next_segment_ - 1), step.result_.error()}});
    }
    of.written = step.sequence_;
    return written_batch{step.segment_, step.sequence_};
  }
  bool has_unsynced() const noexcept { return segment_ && segment_->has_unsynced(); }
  sync_step begin_sync() {
    assert(has_unsynced());
    return sync_step{segment_};
  }
  void end_sync(const sync_step& step) {
    open_segment<F>& of = *step.segment_;
    if (step.result_) {
      of.synced = step.covers_;
    } else {
      of.failure = log_error{log_problem::io, path_of(next_segment_ - 1), step.result_.error()};
    }
  }

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

  /// Makes the next segment aside and gives it its name once it is durable: under its name it is whole.
  std::optional<log_error> begin_segment(std::span<const carried_batch> carried) {
    const std::string aside = directory_ + "/" + std::string{segment_in_the_making};
    const std::string path = path_of(next_segment_);
    auto file = create_anew(aside);
    if (!file) return log_error{log_problem::io, aside, file.error()};
    const std::uint64_t synced = synced_sequence();
    const std::uint64_t first = carried.empty() ? synced + 1 : carried.front().sequence;
    segment_writer<F> made{*files_,
                           std::move(*file),
                           {identity_, next_segment_, first, synced},
                           options_.reserve_bytes,
                           options_.segment_bytes};
    if (const auto begun = made.begin(carried); !begun) return log_error{log_problem::io, aside, begun.error()};
    if (const auto named = files_->rename(aside, path, rename_mode::replace); !named) {
      return log_error{log_problem::io, path, named.error()};
    }
    if (auto wrong = sync_directory()) return wrong;
    segments_.emplace_back(next_segment_, first);
    segment_ = std::make_shared<open_segment<F>>(open_segment<F>{std::move(made), synced, synced});
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
  std::uint64_t recovered_sequence_ = 0;                           ///< the last batch that the opening found
  std::vector<std::pair<std::uint64_t, std::uint64_t>> segments_;  ///< number and first sequence, oldest first
  std::shared_ptr<open_segment<F>> segment_;                       ///< the last one; none during the opening
  std::optional<io_error> untrusted_;
};

}  // namespace wavetank

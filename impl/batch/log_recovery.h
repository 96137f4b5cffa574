// Replays a log from its directory: which batches are there, and whether what is not should be.
//
// Each segment is synced and then read from the medium, past the page cache: after a sync that failed in an earlier
// process the cache may hold bytes that the medium lost. The size may be lost as well, and no read shows that, so the
// batches at the end that no header calls synced are carried over: the next segment begins with them, on a new file.
//
// Damage is rot where anything later says that the batch was durable: the header of the next segment, or any valid
// frame header behind the damage. Else it is a torn tail, and replay ends there: sectors of a batch that was never
// synced survive in any subset, so a whole frame behind damage proves nothing. What rots at the very end, where nothing
// later speaks of it, cannot be told from a torn tail.
#pragma once

#include <wavetank/impl/batch/log_directory.h>
#include <wavetank/impl/batch/log_error.h>
#include <wavetank/impl/batch/segment_scan.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace wavetank {

/// A batch that the next segment is to begin with.
struct carried_batch {
  std::uint64_t sequence = 0;
  std::uint32_t items = 0;
  std::vector<std::byte> body{};
};

/// What was found of a log.
struct recovered_log {
  std::optional<std::uint64_t> identity;  ///< none: there is no segment yet
  std::uint64_t next_segment = 0;         ///< above all others
  std::uint64_t next_sequence = 1;
  /// First sequence of each segment, oldest first.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> segments;
  std::vector<carried_batch> carried;
};

/// One replay. `Replay(sequence, items)` is called for each batch in order; if the answer is an error, what it was
/// given so far is void.
template <file_system F, class Replay>
class log_recovery {
 public:
  log_recovery(F& files, const std::string& directory, Replay& replay)
      : files_(files), directory_(directory), replay_(replay) {}

  tl::expected<recovered_log, log_error> run() {
    const auto numbers = list_segments(files_, directory_);
    if (!numbers) return failed(numbers.error(), directory_);
    if (numbers->empty()) return std::move(found_);
    auto current = read_segment(numbers->front());
    for (std::size_t i = 0; i < numbers->size(); ++i) {
      if (!current) return tl::make_unexpected(std::move(current.error()));
      const bool last = i + 1 == numbers->size();
      auto next = last ? tl::expected<bytes, log_error>{} : read_segment((*numbers)[i + 1]);
      if (!next) return tl::make_unexpected(std::move(next.error()));
      if (auto wrong = take((*numbers)[i], *current, last ? nullptr : &*next)) {
        return tl::make_unexpected(std::move(*wrong));
      }
      current = std::move(next);
    }
    return std::move(found_);
  }

 private:
  using bytes = std::vector<std::byte>;

  static tl::unexpected<log_error> failed(const io_error& why, const std::string& path) {
    return tl::make_unexpected(log_error{log_problem::io, path, why});
  }

  std::string path_of(std::uint64_t segment) const { return directory_ + "/" + segment_name(segment); }

  tl::expected<bytes, log_error> read_segment(std::uint64_t segment) {
    const std::string path = path_of(segment);
    auto file = files_.open(path, open_mode::read_medium);
    if (!file) return failed(file.error(), path);
    if (const auto synced = files_.fdatasync(*file); !synced) return failed(synced.error(), path);
    const auto status = files_.stat(*file);
    if (!status) return failed(status.error(), path);
    bytes content(static_cast<std::size_t>(status->size));
    const auto got = files_.pread(*file, 0, content);
    if (!got) return failed(got.error(), path);
    content.resize(*got);
    if (const auto closed = files_.close(std::move(*file)); !closed) return failed(closed.error(), path);
    return content;
  }

  /// Takes over one segment, which the header of the `next` one bounds. What is wrong with it, or nothing.
  std::optional<log_error> take(std::uint64_t number, const bytes& content, const bytes* next) {
    const std::string path = path_of(number);
    const segment_scan scan = scan_segment(content, number);
    if (auto wrong = check_header(scan, path)) return wrong;
    found_.identity = scan.header.header.log_identity;
    found_.next_segment = number + 1;
    found_.next_sequence = scan.header.header.first_sequence;
    found_.segments.emplace_back(number, found_.next_sequence);
    if (next == nullptr) return take_last(scan, path);
    const auto limit = decode_segment_header(*next);
    if (limit.state != segment_header_state::valid) return take_before_damaged(scan, path);
    replay_frames(scan, limit.header.first_sequence);
    if (found_.next_sequence < limit.header.first_sequence) {
      return rot(path, limit.header.first_sequence - 1, scan.end);
    }
    return std::nullopt;
  }

  std::optional<log_error> take_last(const segment_scan& scan, const std::string& path) {
    if (auto wrong = take_before_damaged(scan, path)) return wrong;
    for (const scanned_frame& frame : scan.frames) {
      if (frame.header.sequence <= scan.synced_sequence) continue;
      found_.carried.push_back({frame.header.sequence, frame.header.items, {frame.body.begin(), frame.body.end()}});
    }
    return std::nullopt;
  }

  /// Nothing bounds the segment but what its own frames say. (A damaged header of the next one is that one's error.)
  std::optional<log_error> take_before_damaged(const segment_scan& scan, const std::string& path) {
    replay_frames(scan, ~std::uint64_t{0});
    if (found_.next_sequence <= scan.synced_sequence) return rot(path, scan.synced_sequence, scan.end);
    return std::nullopt;
  }

  std::optional<log_error> check_header(const segment_scan& scan, const std::string& path) const {
    if (scan.header.state == segment_header_state::newer_version) return log_error{log_problem::newer_version, path};
    if (scan.header.state == segment_header_state::damaged) {
      return rot(path, std::max(scan.synced_sequence, found_.next_sequence), 0);
    }
    if (found_.identity && *found_.identity != scan.header.header.log_identity) {
      return log_error{log_problem::foreign_segment, path};
    }
    return std::nullopt;
  }

  void replay_frames(const segment_scan& scan, std::uint64_t limit) {
    for (const scanned_frame& frame : scan.frames) {
      if (frame.header.sequence >= limit) return;
      replay_(frame.header.sequence, *items_of(frame.header, frame.body));
      found_.next_sequence = frame.header.sequence + 1;
    }
  }

  log_error rot(const std::string& path, std::uint64_t last, std::uint64_t offset) const {
    return {log_problem::rot, path, {}, found_.next_sequence, last, offset};
  }

  F& files_;
  const std::string& directory_;
  Replay& replay_;
  recovered_log found_;
};

}  // namespace wavetank

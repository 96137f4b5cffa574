// Writes one segment of the log: its header, then frames.
#pragma once

#include <wavetank/impl/batch/log_format.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/little_endian.h>
#include <wavetank/impl/runtime/file_system.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace wavetank {

/// One task at a time, but `sync` may run beside `write`: what it covers was written before it began. After the first
/// error of a write nothing more may be written, after that of a sync the file is of no more use.
template <file_system F>
class segment_writer {
 public:
  /// Where the file grows, it grows by `reserve_bytes` of zeros beyond the frame, but not beyond `segment_bytes`.
  segment_writer(F& files, typename F::file file, const segment_header& header, std::uint64_t reserve_bytes = 0,
                 std::uint64_t segment_bytes = 0)
      : files_(&files),
        file_(std::move(file)),
        header_(header),
        reserve_bytes_(reserve_bytes),
        segment_bytes_(segment_bytes) {}

  /// Makes the header durable, and frames of these batches, but not the file's name.
  template <class Batches>
  io_result<void> begin(const Batches& carried) {
    const auto image = encode(header_);
    if (const auto written = files_->pwrite(file_, 0, image); !written) return written;
    end_ = size_ = image.size();
    for (const auto& batch : carried) {
      frame_.resize(frame_header_bytes);
      frame_.insert(frame_.end(), batch.body.begin(), batch.body.end());
      if (const auto written = write_frame(batch.sequence, batch.sequence - 1, batch.items); !written) return written;
    }
    return sync();
  }

  /// Appends a frame in one write, into zeros where there are some. Not durable before `sync`.
  io_result<void> write(std::span<const std::span<const std::byte>> items, std::uint64_t sequence,
                        std::uint64_t synced_sequence) {
    encode_body(items);
    return write_frame(sequence, synced_sequence, static_cast<std::uint32_t>(items.size()));
  }

  io_result<void> sync() { return files_->fdatasync(file_); }

  /// After a write that failed: so many bytes of its frame are missing, and they are zeros. Where the file has zeros
  /// ahead, the frame is whole.
  bool lacks_only_zeros(std::uint64_t missing_bytes) const noexcept {
    const auto missing = std::min<std::uint64_t>(missing_bytes, frame_.size());
    return std::all_of(frame_.end() - static_cast<std::ptrdiff_t>(missing), frame_.end(),
                       [](std::byte one) { return one == std::byte{0}; });
  }

  /// It has frames and has reached this size.
  bool is_full(std::uint64_t bytes) const noexcept { return end_ > segment_header_bytes && end_ >= bytes; }

 private:
  /// The items behind room for the header.
  void encode_body(std::span<const std::span<const std::byte>> items) {
    std::size_t bytes = frame_header_bytes;
    for (const auto& item : items) bytes += item_length_bytes + item.size();
    frame_.resize(aligned_to_log(bytes));
    std::fill(frame_.begin() + static_cast<std::ptrdiff_t>(bytes), frame_.end(), std::byte{0});
    auto rest = std::span{frame_}.subspan(frame_header_bytes);
    for (const auto& item : items) {
      store_little_endian(rest, static_cast<std::uint32_t>(item.size()));
      rest = rest.subspan(item_length_bytes);
      std::copy(item.begin(), item.end(), rest.begin());
      rest = rest.subspan(item.size());
    }
  }

  io_result<void> write_frame(std::uint64_t sequence, std::uint64_t synced_sequence, std::uint32_t items) {
    const auto body = std::span{frame_}.subspan(frame_header_bytes);
    const frame_header header{header_.log_identity, sequence, synced_sequence, static_cast<std::uint32_t>(body.size()),
                              crc32c_of(body),      items};
    const auto image = encode(header, frame_place{header_.segment, end_});
    std::copy(image.begin(), image.end(), frame_.begin());
    if (end_ + frame_.size() > size_) reserve(end_ + frame_.size());
    const auto written = files_->pwrite(file_, end_, frame_);
    if (written) end_ += frame_.size();
    size_ = std::max(size_, end_);
    return written;
  }

  /// Zeros up to behind `end`, in a write of their own: whether the frame is in the file is up to its own write. Where
  /// there is no room for them the file grows by the frame alone.
  void reserve(std::uint64_t end) {
    const std::uint64_t goal = std::min(end + reserve_bytes_, segment_bytes_);
    if (goal <= end) return;
    const std::vector<std::byte> zeros(static_cast<std::size_t>(goal - end_));
    if (files_->pwrite(file_, end_, zeros)) size_ = goal;
  }

  F* files_;
  typename F::file file_;
  segment_header header_;
  std::uint64_t reserve_bytes_;
  std::uint64_t segment_bytes_;
  std::uint64_t end_ = 0;   ///< of the frames
  std::uint64_t size_ = 0;  ///< of the file
  std::vector<std::byte> frame_;
};

}  // namespace wavetank

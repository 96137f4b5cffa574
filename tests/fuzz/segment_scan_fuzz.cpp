// Segments of the log are untrusted: whatever the bytes, the scan answers with frames inside of them, one after the
// other from the beginning, and what it accepts is written again to the same bytes.
#include <wavetank/impl/batch/segment_scan.h>

#include <wavetank/impl/cache/crc32c.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

using namespace wavetank;

constexpr std::uint64_t segment_number = 0;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_frame(std::span<const std::byte> file, const scanned_frame& frame) {
  const auto image = encode(frame.header, {segment_number, frame.offset});
  const auto at = file.subspan(static_cast<std::size_t>(frame.offset));
  require(std::equal(image.begin(), image.end(), at.begin()));
  require(crc32c_of(frame.body) == frame.header.body_checksum);
  const auto items = items_of(frame.header, frame.body);
  require(items.has_value() && items->size() == frame.header.items);
  for (const auto& item : *items) {
    require(item.empty() ||
            (item.data() >= frame.body.data() && item.data() + item.size() <= frame.body.data() + frame.body.size()));
  }
}

void check(std::span<const std::byte> file) {
  const segment_scan scan = scan_segment(file, segment_number);
  require(scan.end <= file.size() && (scan.damaged || scan.end == file.size()));
  std::uint64_t end = segment_header_bytes;
  std::uint64_t sequence = scan.header.header.first_sequence;
  for (const scanned_frame& frame : scan.frames) {
    require(frame.offset == end && frame.header.sequence == sequence);
    check_frame(file, frame);
    end += frame_header_bytes + frame.header.body_bytes;
    ++sequence;
  }
  require(scan.frames.empty() || end == scan.end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const auto bytes = std::as_bytes(std::span{data, size_bytes});
  check(bytes);
  // Checksums are no wall for a fuzzer's bytes: the same as the items of a frame that is right.
  std::vector<std::byte> file;
  const auto segment = encode(segment_header{7, segment_number, 1, 0});
  file.insert(file.end(), segment.begin(), segment.end());
  std::vector<std::byte> body{bytes.begin(), bytes.end()};
  body.resize(aligned_to_log(body.size()));
  const auto items = size_bytes == 0 ? 0U : std::uint32_t{data[0]};
  const auto frame = encode(frame_header{7, 1, 0, static_cast<std::uint32_t>(body.size()), crc32c_of(body), items},
                            {segment_number, segment_header_bytes});
  file.insert(file.end(), frame.begin(), frame.end());
  file.insert(file.end(), body.begin(), body.end());
  check(file);
  return 0;
}

#include <wavetank/impl/batch/segment_scan.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/little_endian.h>

#include <algorithm>

namespace wavetank {
namespace {

/// The whole frame at `offset`, or nothing.
std::optional<scanned_frame> frame_at(std::span<const std::byte> bytes, const frame_place& place) {
  const auto rest = bytes.subspan(static_cast<std::size_t>(place.offset));
  const auto header = decode_frame_header(rest, place);
  if (!header || rest.size() - frame_header_bytes < header->body_bytes) return std::nullopt;
  const auto body = rest.subspan(frame_header_bytes, header->body_bytes);
  if (crc32c_of(body) != header->body_checksum || !items_of(*header, body)) return std::nullopt;
  return scanned_frame{place.offset, *header, body};
}

/// Valid headers from `offset` on, wherever they stand: a damaged frame does not tell where the next one begins.
void look_behind_damage(segment_scan& scan, std::span<const std::byte> bytes, frame_place place) {
  const std::uint64_t identity = scan.header.header.log_identity;
  const bool identity_is_known = scan.header.state == segment_header_state::valid;
  for (; place.offset + frame_header_bytes <= bytes.size(); place.offset += log_alignment_bytes) {
    const auto header = decode_frame_header(bytes.subspan(static_cast<std::size_t>(place.offset)), place);
    if (!header || (identity_is_known && header->log_identity != identity)) continue;
    scan.frames_behind_damage = true;
    scan.synced_sequence = std::max(scan.synced_sequence, header->synced_sequence);
  }
}

}  // namespace

std::optional<std::vector<std::span<const std::byte>>> items_of(const frame_header& header,
                                                                std::span<const std::byte> body) {
  std::vector<std::span<const std::byte>> items;
  items.reserve(std::min<std::size_t>(header.items, body.size() / item_length_bytes));
  for (std::uint32_t i = 0; i < header.items; ++i) {
    if (body.size() < item_length_bytes) return std::nullopt;
    const auto length = load_little_endian<std::uint32_t>(body);
    body = body.subspan(item_length_bytes);
    if (body.size() < length) return std::nullopt;
    items.push_back(body.first(length));
    body = body.subspan(length);
  }
  const bool only_padding = body.size() < log_alignment_bytes &&
                            std::all_of(body.begin(), body.end(), [](std::byte b) { return b == std::byte{0}; });
  if (!only_padding) return std::nullopt;
  return items;
}

segment_scan scan_segment(std::span<const std::byte> bytes, std::uint64_t segment) {
  segment_scan scan;
  scan.header = decode_segment_header(bytes);
  const bool readable = scan.header.state == segment_header_state::valid && scan.header.header.segment == segment;
  if (!readable && scan.header.state == segment_header_state::valid) scan.header = {};
  if (!readable) {
    scan.damaged = true;
    look_behind_damage(scan, bytes, {segment, 0});
    return scan;
  }
  scan.synced_sequence = scan.header.header.synced_sequence;
  frame_place place{segment, segment_header_bytes};
  std::uint64_t expected = scan.header.header.first_sequence;
  while (place.offset < bytes.size()) {
    const auto frame = frame_at(bytes, place);
    if (!frame || frame->header.sequence != expected || frame->header.log_identity != scan.header.header.log_identity) {
      break;
    }
    scan.frames.push_back(*frame);
    scan.synced_sequence = std::max(scan.synced_sequence, frame->header.synced_sequence);
    place.offset += frame_header_bytes + frame->header.body_bytes;
    ++expected;
  }
  scan.end = place.offset;
  scan.damaged = place.offset < bytes.size();
  if (scan.damaged) look_behind_damage(scan, bytes, place);
  return scan;
}

}  // namespace wavetank

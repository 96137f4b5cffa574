#include <wavetank/impl/batch/log_format.h>
#include <wavetank/impl/cache/crc32c.h>
#include <wavetank/impl/cache/little_endian.h>

namespace wavetank {
namespace {

constexpr std::uint32_t segment_magic = 0x534C'5457;  // "WTLS"
constexpr std::uint32_t frame_magic = 0x464C'5457;    // "WTLF"
constexpr std::size_t checksummed_from = 8;

std::uint32_t checksum_of_header(std::span<const std::byte> header) noexcept {
  return crc32c_of(header.subspan(checksummed_from));
}

std::uint32_t checksum_of_header(std::span<const std::byte> header, const frame_place& place) noexcept {
  std::array<std::byte, 16> where;
  store_little_endian(std::span{where}, place.segment);
  store_little_endian(std::span{where}.subspan(8), place.offset);
  crc32c stream;
  stream.update(where);
  stream.update(header.subspan(checksummed_from));
  return stream.value();
}

}  // namespace

segment_header_image encode(const segment_header& header) noexcept {
  segment_header_image image{};
  const std::span<std::byte> all{image};
  store_little_endian(all, segment_magic);
  store_little_endian(all.subspan(8), log_format_version);
  store_little_endian(all.subspan(16), header.log_identity);
  store_little_endian(all.subspan(24), header.segment);
  store_little_endian(all.subspan(32), header.first_sequence);
  store_little_endian(all.subspan(40), header.synced_sequence);
  store_little_endian(all.subspan(4), checksum_of_header(all));
  return image;
}

frame_header_image encode(const frame_header& header, const frame_place& place) noexcept {
  frame_header_image image{};
  const std::span<std::byte> all{image};
  store_little_endian(all, frame_magic);
  store_little_endian(all.subspan(8), header.log_identity);
  store_little_endian(all.subspan(16), header.sequence);
  store_little_endian(all.subspan(24), header.synced_sequence);
  store_little_endian(all.subspan(32), header.body_bytes);
  store_little_endian(all.subspan(36), header.body_checksum);
  store_little_endian(all.subspan(40), header.items);
  store_little_endian(all.subspan(4), checksum_of_header(all, place));
  return image;
}

decoded_segment_header decode_segment_header(std::span<const std::byte> segment) noexcept {
  if (segment.size() < segment_header_bytes) return {};
  const auto all = segment.first(segment_header_bytes);
  if (load_little_endian<std::uint32_t>(all) != segment_magic) return {};
  if (load_little_endian<std::uint32_t>(all.subspan(4)) != checksum_of_header(all)) return {};
  decoded_segment_header found;
  const auto version = load_little_endian<std::uint32_t>(all.subspan(8));
  found.state = version == log_format_version ? segment_header_state::valid : segment_header_state::newer_version;
  found.header = {
      load_little_endian<std::uint64_t>(all.subspan(16)), load_little_endian<std::uint64_t>(all.subspan(24)),
      load_little_endian<std::uint64_t>(all.subspan(32)), load_little_endian<std::uint64_t>(all.subspan(40))};
  return found;
}

std::optional<frame_header> decode_frame_header(std::span<const std::byte> bytes, const frame_place& place) noexcept {
  if (bytes.size() < frame_header_bytes) return std::nullopt;
  const auto all = bytes.first(frame_header_bytes);
  if (load_little_endian<std::uint32_t>(all) != frame_magic) return std::nullopt;
  if (load_little_endian<std::uint32_t>(all.subspan(4)) != checksum_of_header(all, place)) return std::nullopt;
  const frame_header header{
      load_little_endian<std::uint64_t>(all.subspan(8)),  load_little_endian<std::uint64_t>(all.subspan(16)),
      load_little_endian<std::uint64_t>(all.subspan(24)), load_little_endian<std::uint32_t>(all.subspan(32)),
      load_little_endian<std::uint32_t>(all.subspan(36)), load_little_endian<std::uint32_t>(all.subspan(40))};
  if (header.synced_sequence >= header.sequence || header.body_bytes % log_alignment_bytes != 0) return std::nullopt;
  return header;
}

}  // namespace wavetank

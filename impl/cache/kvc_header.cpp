#include <wavetank/impl/cache/kvc_header.h>
#include <wavetank/impl/cache/little_endian.h>

#include <algorithm>
#include <array>
#include <optional>

namespace wavetank {

namespace {

constexpr std::array magic{std::byte{'K'}, std::byte{'V'}, std::byte{'C'}};

struct range {
  std::size_t offset;
  std::size_t bytes;
};
constexpr std::array<range, 3> reserved{{{6, 2}, {20, 4}, {68, 4}}};

std::optional<kvc_error> check_constants(kvc_header_bytes bytes) noexcept {
  if (!std::equal(magic.begin(), magic.end(), bytes.begin())) {
    return kvc_error{kvc_problem::bad_value, kvc_field::magic, 0, load_little_endian<std::uint32_t>(bytes) & 0xffffff};
  }
  const auto version = std::to_integer<std::uint8_t>(bytes[kvc_layout::version_offset]);
  if (version != kvc_layout::version) {
    return kvc_error{kvc_problem::bad_value, kvc_field::version, kvc_layout::version_offset, version};
  }
  for (const auto [offset, size] : reserved) {
    for (std::size_t i = offset; i < offset + size; ++i) {
      if (bytes[i] == std::byte{0}) continue;
      return kvc_error{kvc_problem::bad_value, kvc_field::reserved, i, std::to_integer<std::uint64_t>(bytes[i])};
    }
  }
  return std::nullopt;
}

std::optional<kvc_error> check_extent(const kvc_header& header, std::uint64_t byte_count,
                                      std::uint64_t file_bytes) noexcept {
  using namespace kvc_layout;
  const std::uint64_t head = header.payload_offset;
  if (byte_count != header.payload_bytes) {
    return kvc_error{kvc_problem::mismatch, kvc_field::payload_byte_count, payload_byte_count_offset, byte_count,
                     header.payload_bytes};
  }
  if (head < least_head_bytes) {
    return kvc_error{kvc_problem::bad_value, kvc_field::payload_offset, payload_offset_offset, head};
  }
  if (head > most_head_bytes) {
    return kvc_error{kvc_problem::too_large, kvc_field::payload_offset, payload_offset_offset, head, most_head_bytes};
  }
  if (head > file_bytes) {
    return kvc_error{kvc_problem::truncated, kvc_field::file, 0, file_bytes, head};
  }
  if (header.payload_bytes != file_bytes - head) {
    return kvc_error{kvc_problem::mismatch, kvc_field::payload_length, payload_length_offset, header.payload_bytes,
                     file_bytes - head};
  }
  return std::nullopt;
}

}  // namespace

void store_kvc_header(std::span<std::byte, kvc_layout::header_bytes> into, const kvc_header& header) noexcept {
  using namespace kvc_layout;
  std::fill(into.begin(), into.end(), std::byte{0});
  std::copy(magic.begin(), magic.end(), into.begin());
  into[version_offset] = std::byte{version};
  into[quant_bits_offset] = std::byte{header.quant_bits};
  into[save_reason_offset] = static_cast<std::byte>(header.save_reason);
  store_little_endian(into.subspan(token_count_offset), header.token_count);
  store_little_endian(into.subspan(hit_count_offset), header.hit_count);
  store_little_endian(into.subspan(context_size_offset), header.context_size);
  store_little_endian(into.subspan(creation_time_offset), header.creation_time_s);
  store_little_endian(into.subspan(last_use_offset), header.last_use_s);
  store_little_endian(into.subspan(payload_byte_count_offset), header.payload_bytes);
  store_little_endian(into.subspan(payload_offset_offset), header.payload_offset);
  store_little_endian(into.subspan(payload_length_offset), header.payload_bytes);
  store_little_endian(into.subspan(payload_checksum_offset), header.payload_crc32c);
}

tl::expected<kvc_header, kvc_error> load_kvc_header(kvc_header_bytes bytes, std::uint64_t file_bytes) noexcept {
  using namespace kvc_layout;
  if (const auto wrong = check_constants(bytes)) return tl::make_unexpected(*wrong);
  const auto reason = std::to_integer<std::uint8_t>(bytes[save_reason_offset]);
  if (!save_reason_of(reason)) {
    return tl::make_unexpected(kvc_error{kvc_problem::bad_value, kvc_field::save_reason, save_reason_offset, reason});
  }
  const kvc_header header{
      .quant_bits = std::to_integer<std::uint8_t>(bytes[quant_bits_offset]),
      .save_reason = *save_reason_of(reason),
      .token_count = load_little_endian<std::uint32_t>(bytes.subspan(token_count_offset)),
      .hit_count = load_little_endian<std::uint32_t>(bytes.subspan(hit_count_offset)),
      .context_size = load_little_endian<std::uint32_t>(bytes.subspan(context_size_offset)),
      .creation_time_s = load_little_endian<std::uint64_t>(bytes.subspan(creation_time_offset)),
      .last_use_s = load_little_endian<std::uint64_t>(bytes.subspan(last_use_offset)),
      .payload_offset = load_little_endian<std::uint64_t>(bytes.subspan(payload_offset_offset)),
      .payload_bytes = load_little_endian<std::uint64_t>(bytes.subspan(payload_length_offset)),
      .payload_crc32c = load_little_endian<std::uint32_t>(bytes.subspan(payload_checksum_offset)),
  };
  const auto byte_count = load_little_endian<std::uint64_t>(bytes.subspan(payload_byte_count_offset));
  if (const auto wrong = check_extent(header, byte_count, file_bytes)) return tl::make_unexpected(*wrong);
  return header;
}

}  // namespace wavetank

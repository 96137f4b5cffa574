#include <wavetank/impl/cache/kvc_tlv.h>
#include <wavetank/impl/cache/little_endian.h>

namespace wavetank {

std::optional<kvc_field> kvc_field_of(std::uint8_t tag) noexcept {
  using name = kvc_layout::tag;
  switch (static_cast<name>(tag)) {
    case name::fingerprint:
      return kvc_field::fingerprint;
    case name::fingerprint_mode:
      return kvc_field::fingerprint_mode;
    case name::quant:
      return kvc_field::quant;
    case name::ctx_params_hash:
      return kvc_field::ctx_params_hash;
    case name::token_count:
      return kvc_field::tlv_token_count;
    case name::token_ids:
      return kvc_field::token_ids;
    case name::hostname:
      return kvc_field::hostname;
    case name::library_version:
      return kvc_field::library_version;
    case name::save_reason_detail:
      return kvc_field::save_reason_detail;
    case name::head_checksum:
      return kvc_field::head_checksum;
  }
  return std::nullopt;
}

tl::expected<kvc_tlv_table, kvc_error> kvc_tlv_table::of(std::span<const std::byte> section,
                                                         std::uint64_t section_offset) noexcept {
  using kvc_layout::tlv_head_bytes;
  kvc_tlv_table table;
  std::uint64_t offset = section_offset;
  while (!section.empty()) {
    if (section.size() < tlv_head_bytes) {
      return tl::make_unexpected(
          kvc_error{kvc_problem::truncated, kvc_field::tlv, offset, section.size(), tlv_head_bytes});
    }
    const auto tag = std::to_integer<std::uint8_t>(section[0]);
    const auto length = load_little_endian<std::uint32_t>(section.subspan(1));
    const auto field = kvc_field_of(tag);
    const std::size_t rest = section.size() - tlv_head_bytes;
    if (length > rest) {
      return tl::make_unexpected(
          kvc_error{kvc_problem::truncated, field.value_or(kvc_field::tlv), offset, rest, length});
    }
    if (field) {
      auto& entry = table.entries_[tag];
      if (entry) return tl::make_unexpected(kvc_error{kvc_problem::duplicate, *field, offset});
      entry = kvc_tlv{offset, section.subspan(tlv_head_bytes, length)};
    }
    section = section.subspan(tlv_head_bytes + length);
    offset += tlv_head_bytes + length;
  }
  return table;
}

}  // namespace wavetank

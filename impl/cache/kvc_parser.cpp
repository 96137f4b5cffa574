#include <wavetank/impl/cache/kvc_head_checksum.h>
#include <wavetank/impl/cache/kvc_header.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_parser.h>
#include <wavetank/impl/cache/kvc_tlv.h>
#include <wavetank/impl/cache/little_endian.h>

#include <algorithm>
#include <optional>
#include <string>

namespace wavetank {

namespace {

using kvc_layout::tag;
using bytes_view = std::span<const std::byte>;
/// What is wrong, if anything is.
using complaint = std::optional<kvc_error>;

std::string text_of(bytes_view bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The two parts of variable length between the header and the payload.
struct head_parts {
  bytes_view prompt;
  bytes_view tlv_section;
  std::uint64_t tlv_section_offset;  ///< of its first entry
};

tl::expected<head_parts, kvc_error> split(bytes_view head) noexcept {
  using namespace kvc_layout;
  constexpr std::size_t prompt_offset = header_bytes + sizeof(std::uint32_t);
  const std::size_t available = head.size() - least_head_bytes;
  const auto prompt_length = load_little_endian<std::uint32_t>(head.subspan(header_bytes));
  if (prompt_length > available) {
    return tl::make_unexpected(
        kvc_error{kvc_problem::truncated, kvc_field::prompt, header_bytes, available, prompt_length});
  }
  const std::size_t length_offset = prompt_offset + prompt_length;
  const auto section_length = load_little_endian<std::uint32_t>(head.subspan(length_offset));
  const std::size_t rest = available - prompt_length;
  if (section_length != rest) {
    return tl::make_unexpected(
        kvc_error{kvc_problem::mismatch, kvc_field::tlv_section, length_offset, section_length, rest});
  }
  const std::size_t section_offset = length_offset + sizeof(std::uint32_t);
  return head_parts{head.subspan(prompt_offset, prompt_length), head.subspan(section_offset), section_offset};
}

/// Refuses a head whose checksum entry is damaged so that it is not found: its tag or the length of an entry before it
/// was hit. Its last nine bytes still give it away.
complaint check_no_lost_checksum(bytes_view head) noexcept {
  using namespace kvc_layout;
  if (head.size() < least_head_bytes + head_checksum_entry_bytes) return std::nullopt;
  const auto entry = head.last(head_checksum_entry_bytes);
  if (load_little_endian<std::uint32_t>(entry.subspan(1)) != head_checksum_bytes) return std::nullopt;
  const std::size_t offset = head.size() - head_checksum_entry_bytes;
  if (entry[0] == static_cast<std::byte>(tag::head_checksum)) {
    return kvc_error{kvc_problem::missing, kvc_field::head_checksum, offset};
  }
  if (load_little_endian<std::uint32_t>(entry.subspan(tlv_head_bytes)) == kvc_head_checksum(head.first(offset))) {
    return kvc_error{kvc_problem::bad_value, kvc_field::head_checksum, offset,
                     std::to_integer<std::uint64_t>(entry[0])};
  }
  return std::nullopt;
}

complaint check_checksum(bytes_view head, const std::optional<kvc_tlv>& entry) noexcept {
  using namespace kvc_layout;
  if (!entry) return check_no_lost_checksum(head);
  if (entry->value.size() != head_checksum_bytes) {
    return kvc_error{kvc_problem::mismatch, kvc_field::head_checksum, entry->length_offset(), entry->value.size(),
                     head_checksum_bytes};
  }
  if (entry->offset != head.size() - head_checksum_entry_bytes) {
    return kvc_error{kvc_problem::mismatch, kvc_field::head_checksum, entry->offset, entry->offset,
                     head.size() - head_checksum_entry_bytes};
  }
  const auto said = load_little_endian<std::uint32_t>(entry->value);
  const std::uint32_t sum = kvc_head_checksum(head.first(entry->offset));
  if (sum != said) return kvc_error{kvc_problem::checksum, kvc_field::head_checksum, entry->value_offset(), sum, said};
  return std::nullopt;
}

/// Reads the entries into the metadata, one after the other, until something is wrong.
class entry_reader {
 public:
  entry_reader(const kvc_tlv_table& table, std::uint64_t section_offset, std::uint32_t token_count) noexcept
      : table_(table), section_offset_(section_offset), token_count_(token_count) {}

  complaint read_into(kvc_metadata& metadata) {
    if (const auto wrong = read_hash(tag::fingerprint, metadata.fingerprint)) return wrong;
    if (const auto wrong = read_enum(tag::fingerprint_mode, fingerprint_mode_of, metadata.fingerprint_mode))
      return wrong;
    if (const auto wrong = read_enum(tag::quant, quant_type_of, metadata.quant)) return wrong;
    if (const auto wrong = read_hash(tag::ctx_params_hash, metadata.ctx_params_hash)) return wrong;
    if (const auto wrong = check_token_count()) return wrong;
    if (const auto wrong = read_tokens(metadata.tokens)) return wrong;
    read_text(tag::hostname, metadata.hostname);
    read_text(tag::library_version, metadata.library_version);
    read_text(tag::save_reason_detail, metadata.save_reason_detail);
    return std::nullopt;
  }

 private:
  static kvc_field field_of(tag name) noexcept { return *kvc_field_of(static_cast<std::uint8_t>(name)); }

  complaint check_length(tag name, std::uint64_t wanted_bytes) const noexcept {
    const auto& entry = table_.find(name);
    if (!entry) return kvc_error{kvc_problem::missing, field_of(name), section_offset_};
    if (entry->value.size() == wanted_bytes) return std::nullopt;
    return kvc_error{kvc_problem::mismatch, field_of(name), entry->length_offset(), entry->value.size(), wanted_bytes};
  }

  complaint read_hash(tag name, bytes32& into) const noexcept {
    if (const auto wrong = check_length(name, into.size())) return wrong;
    std::copy_n(table_.find(name)->value.begin(), into.size(), into.begin());
    return std::nullopt;
  }

  template <class Enum>
  complaint read_enum(tag name, std::optional<Enum> (*of_number)(std::uint8_t) noexcept, Enum& into) const noexcept {
    if (const auto wrong = check_length(name, 1)) return wrong;
    const kvc_tlv& entry = *table_.find(name);
    const auto number = std::to_integer<std::uint8_t>(entry.value[0]);
    const auto known = of_number(number);
    if (!known) return kvc_error{kvc_problem::bad_value, field_of(name), entry.value_offset(), number};
    into = *known;
    return std::nullopt;
  }

  complaint check_token_count() const noexcept {
    const auto& entry = table_.find(tag::token_count);
    if (!entry) return std::nullopt;
    if (const auto wrong = check_length(tag::token_count, sizeof(std::uint32_t))) return wrong;
    const auto said = load_little_endian<std::uint32_t>(entry->value);
    if (said == token_count_) return std::nullopt;
    return kvc_error{kvc_problem::mismatch, kvc_field::tlv_token_count, entry->value_offset(), said, token_count_};
  }

  complaint read_tokens(std::vector<token_id>& into) const {
    if (const auto wrong = check_length(tag::token_ids, std::uint64_t{token_count_} * sizeof(token_id))) return wrong;
    const bytes_view value = table_.find(tag::token_ids)->value;
    into.resize(token_count_);
    for (std::size_t i = 0; i < into.size(); ++i) {
      into[i] = load_little_endian<token_id>(value.subspan(i * sizeof(token_id)));
    }
    return std::nullopt;
  }

  void read_text(tag name, std::optional<std::string>& into) const {
    if (const auto& entry = table_.find(name)) into = text_of(entry->value);
  }

  const kvc_tlv_table& table_;
  std::uint64_t section_offset_;
  std::uint32_t token_count_;
};

/// What the header says of the metadata.
kvc_metadata metadata_of(const kvc_header& header) {
  kvc_metadata metadata;
  metadata.quant_bits = header.quant_bits;
  metadata.context_size = header.context_size;
  metadata.save_reason = header.save_reason;
  metadata.hit_count = header.hit_count;
  metadata.creation_time_s = header.creation_time_s;
  metadata.last_use_s = header.last_use_s;
  return metadata;
}

}  // namespace

tl::expected<kvc_head, kvc_error> parse_kvc_head(std::span<const std::byte> bytes, std::uint64_t file_bytes) {
  const auto truncated = [&](std::uint64_t wanted) {
    return tl::make_unexpected(kvc_error{kvc_problem::truncated, kvc_field::file, 0, bytes.size(), wanted});
  };
  if (bytes.size() < kvc_layout::header_bytes) return truncated(kvc_layout::header_bytes);
  const auto header = load_kvc_header(bytes.first<kvc_layout::header_bytes>(), file_bytes);
  if (!header) return tl::make_unexpected(header.error());
  if (bytes.size() < header->payload_offset) return truncated(header->payload_offset);

  const bytes_view head = bytes.first(static_cast<std::size_t>(header->payload_offset));
  const auto parts = split(head);
  if (!parts) return tl::make_unexpected(parts.error());
  const auto table = kvc_tlv_table::of(parts->tlv_section, parts->tlv_section_offset);
  if (!table) return tl::make_unexpected(table.error());
  const auto& checksum = table->find(tag::head_checksum);
  if (const auto wrong = check_checksum(head, checksum)) return tl::make_unexpected(*wrong);

  kvc_head parsed{metadata_of(*header),   header->payload_offset, header->payload_bytes,
                  header->payload_crc32c, checksum.has_value(),   {}};
  std::copy_n(bytes.begin(), parsed.first_bytes.size(), parsed.first_bytes.begin());
  parsed.metadata.prompt_text = text_of(parts->prompt);
  entry_reader entries{*table, parts->tlv_section_offset, header->token_count};
  if (const auto wrong = entries.read_into(parsed.metadata)) return tl::make_unexpected(*wrong);
  return parsed;
}

}  // namespace wavetank

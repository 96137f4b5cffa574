#include <wavetank/impl/cache/kvc_head_checksum.h>
#include <wavetank/impl/cache/kvc_header.h>
#include <wavetank/impl/cache/kvc_layout.h>
#include <wavetank/impl/cache/kvc_writer.h>
#include <wavetank/impl/cache/little_endian.h>

#include <array>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace wavetank {

namespace {

using kvc_layout::tag;

std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

/// What comes after the header: lengths, bytes, entries, in order.
class head_builder {
 public:
  explicit head_builder(std::uint64_t size) {
    head_.reserve(size);
    head_.resize(kvc_layout::header_bytes);
  }

  void number(std::uint32_t value) {
    std::array<std::byte, sizeof value> bytes;
    store_little_endian(bytes, value);
    append(bytes);
  }
  void append(std::span<const std::byte> bytes) { head_.insert(head_.end(), bytes.begin(), bytes.end()); }

  void entry_head(tag name, std::size_t value_bytes) {
    head_.push_back(static_cast<std::byte>(name));
    number(static_cast<std::uint32_t>(value_bytes));
  }
  void entry(tag name, std::span<const std::byte> value) {
    entry_head(name, value.size());
    append(value);
  }
  void byte_entry(tag name, std::uint8_t value) {
    entry_head(name, sizeof value);
    head_.push_back(std::byte{value});
  }
  void text_entry(tag name, const std::optional<std::string>& text) {
    if (text) entry(name, bytes_of(*text));
  }

  std::vector<std::byte> take() { return std::move(head_); }

 private:
  std::vector<std::byte> head_;
};

/// The bytes of an entry with a value of that size.
constexpr std::uint64_t entry_bytes(std::uint64_t value_bytes) noexcept {
  return kvc_layout::tlv_head_bytes + value_bytes;
}

std::uint64_t optional_entry_bytes(const std::optional<std::string>& text) noexcept {
  return text ? entry_bytes(text->size()) : 0;
}

std::uint64_t tlv_section_bytes(const kvc_metadata& metadata) noexcept {
  constexpr std::uint64_t fixed = 2 * entry_bytes(sizeof(bytes32)) + 2 * entry_bytes(1) +
                                  entry_bytes(sizeof(std::uint32_t)) + entry_bytes(kvc_layout::head_checksum_bytes);
  return fixed + entry_bytes(metadata.tokens.size() * sizeof(token_id)) + optional_entry_bytes(metadata.hostname) +
         optional_entry_bytes(metadata.library_version) + optional_entry_bytes(metadata.save_reason_detail);
}

std::optional<kvc_error> check_values(const kvc_metadata& metadata) noexcept {
  const auto bad = [](kvc_field field, std::uint64_t offset, auto value) {
    return kvc_error{kvc_problem::bad_value, field, offset, static_cast<std::uint64_t>(value)};
  };
  if (!quant_type_of(static_cast<std::uint8_t>(metadata.quant))) return bad(kvc_field::quant, 0, metadata.quant);
  if (!save_reason_of(static_cast<std::uint8_t>(metadata.save_reason))) {
    return bad(kvc_field::save_reason, kvc_layout::save_reason_offset, metadata.save_reason);
  }
  if (!fingerprint_mode_of(static_cast<std::uint8_t>(metadata.fingerprint_mode))) {
    return bad(kvc_field::fingerprint_mode, 0, metadata.fingerprint_mode);
  }
  return std::nullopt;
}

std::optional<kvc_error> check_sizes(std::uint64_t head_bytes, std::uint64_t payload_bytes) noexcept {
  constexpr std::uint64_t most_file_bytes = std::numeric_limits<std::int64_t>::max();
  if (head_bytes > kvc_layout::most_head_bytes) {
    return kvc_error{kvc_problem::too_large, kvc_field::payload_offset, kvc_layout::payload_offset_offset, head_bytes,
                     kvc_layout::most_head_bytes};
  }
  if (payload_bytes > most_file_bytes - head_bytes) {
    return kvc_error{kvc_problem::too_large, kvc_field::payload_length, kvc_layout::payload_length_offset,
                     payload_bytes, most_file_bytes - head_bytes};
  }
  return std::nullopt;
}

kvc_header header_of(const kvc_metadata& metadata, std::uint64_t head_bytes, std::uint64_t payload_bytes) noexcept {
  return {.quant_bits = metadata.quant_bits,
          .save_reason = metadata.save_reason,
          .token_count = static_cast<std::uint32_t>(metadata.tokens.size()),
          .hit_count = metadata.hit_count,
          .context_size = metadata.context_size,
          .creation_time_s = metadata.creation_time_s,
          .last_use_s = metadata.last_use_s,
          .payload_offset = head_bytes,
          .payload_bytes = payload_bytes,
          .payload_crc32c = 0};
}

void append_entries(head_builder& head, const kvc_metadata& metadata) {
  head.entry(tag::fingerprint, metadata.fingerprint);
  head.byte_entry(tag::fingerprint_mode, static_cast<std::uint8_t>(metadata.fingerprint_mode));
  head.byte_entry(tag::quant, static_cast<std::uint8_t>(metadata.quant));
  head.entry(tag::ctx_params_hash, metadata.ctx_params_hash);
  head.entry_head(tag::token_count, sizeof(std::uint32_t));
  head.number(static_cast<std::uint32_t>(metadata.tokens.size()));
  head.entry_head(tag::token_ids, metadata.tokens.size() * sizeof(token_id));
  for (const token_id token : metadata.tokens) head.number(token);
  head.text_entry(tag::hostname, metadata.hostname);
  head.text_entry(tag::library_version, metadata.library_version);
  head.text_entry(tag::save_reason_detail, metadata.save_reason_detail);
  head.entry_head(tag::head_checksum, kvc_layout::head_checksum_bytes);
  head.number(0);
}

}  // namespace

tl::expected<kvc_writer, kvc_error> kvc_writer::create(const kvc_metadata& metadata, std::uint64_t payload_bytes) {
  if (const auto wrong = check_values(metadata)) return tl::make_unexpected(*wrong);
  const std::uint64_t section_bytes = tlv_section_bytes(metadata);
  const std::uint64_t head_bytes = kvc_layout::least_head_bytes + metadata.prompt_text.size() + section_bytes;
  if (const auto wrong = check_sizes(head_bytes, payload_bytes)) return tl::make_unexpected(*wrong);

  head_builder builder{head_bytes};
  builder.number(static_cast<std::uint32_t>(metadata.prompt_text.size()));
  builder.append(bytes_of(metadata.prompt_text));
  builder.number(static_cast<std::uint32_t>(section_bytes));
  append_entries(builder, metadata);
  std::vector<std::byte> head = builder.take();
  store_kvc_header(std::span{head}.first<kvc_layout::header_bytes>(), header_of(metadata, head_bytes, payload_bytes));
  return kvc_writer{std::move(head), payload_bytes};
}

void kvc_writer::add(std::span<const std::byte> payload) {
  if (payload.size() > payload_bytes_ - added_bytes_) {
    throw std::length_error("kvc_writer: more payload than was announced");
  }
  added_bytes_ += payload.size();
  checksum_.update(payload);
}

std::vector<std::byte> kvc_writer::head() const {
  if (added_bytes_ != payload_bytes_) throw std::logic_error("kvc_writer: the payload is not complete");
  std::vector<std::byte> head = head_;
  const std::span bytes{head};
  store_little_endian(bytes.subspan(kvc_layout::payload_checksum_offset), checksum_.value());
  const auto value = bytes.last(kvc_layout::head_checksum_bytes);
  const auto before_entry = bytes.first(head.size() - kvc_layout::head_checksum_entry_bytes);
  store_little_endian(value, kvc_head_checksum(before_entry));
  return head;
}

}  // namespace wavetank

// The entries of a `.kvc` file's TLV section, found but not yet understood.
#pragma once

#include <wavetank/impl/cache/kvc_error.h>
#include <wavetank/impl/cache/kvc_layout.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <tl/expected.hpp>

namespace wavetank {

/// One entry. Refers to the bytes that it was found in.
struct kvc_tlv {
  std::uint64_t offset;  ///< of its tag in the file
  std::span<const std::byte> value;

  std::uint64_t length_offset() const noexcept { return offset + 1; }
  std::uint64_t value_offset() const noexcept { return offset + kvc_layout::tlv_head_bytes; }
};

/// Which field a tag stands for; nothing for an unknown tag.
std::optional<kvc_field> kvc_field_of(std::uint8_t tag) noexcept;

/// The entries with known tags, each at most once, in any order. A plain value that refers to the bytes.
class kvc_tlv_table {
 public:
  /// All entries of `section`, which begins at `section_offset` in the file. Unknown tags are skipped. `truncated` for
  /// an entry that goes beyond the section, `duplicate` for a known tag that comes again. Linear; allocates nothing.
  /// The bytes are untrusted.
  static tl::expected<kvc_tlv_table, kvc_error> of(std::span<const std::byte> section,
                                                   std::uint64_t section_offset) noexcept;

  const std::optional<kvc_tlv>& find(kvc_layout::tag tag) const noexcept {
    return entries_[static_cast<std::size_t>(tag)];
  }

 private:
  std::array<std::optional<kvc_tlv>, static_cast<std::size_t>(kvc_layout::tag::head_checksum) + 1> entries_{};
};

}  // namespace wavetank
